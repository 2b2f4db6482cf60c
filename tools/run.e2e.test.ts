// The target run: in a terminal, which is tmux, with the real image of this workspace; and for another target, with stand-ins, of which QEMU
// shows the firmware.
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from './files.ts';
import { createStandInWorkspace } from './stand-in/workspace.ts';
import { nxEnvironment } from './workspace-copy.ts';

/** Command lines of QEMU that have `word`. */
async function guests(word: string): Promise<string[]> {
  const { stdout } = await execa('ps', ['-ww', '-e', '-o', 'args=']);
  return stdout.split('\n').filter((line) => line.startsWith('qemu-system') && line.includes(word));
}

describe('in a terminal', { timeout: 900_000 }, () => {
  const socket = `run-test-${process.pid}`;
  const tmux = async (...args: string[]): Promise<string> => {
    const options = { cwd: root, env: { ...nxEnvironment(), TERM: 'xterm', LC_ALL: 'C.UTF-8' }, extendEnv: false } as const;
    return (await execa('tmux', ['-L', socket, '-f', '/dev/null', ...args], options)).stdout;
  };
  const screen = (): Promise<string> => tmux('capture-pane', '-p', '-S', '-');
  const shows = async (text: RegExp): Promise<void> => void (await expect.poll(screen, { timeout: 400_000, interval: 500 }).toMatch(text));
  const type = async (line: string): Promise<void> => void (await tmux('send-keys', line, 'Enter'));

  afterEach(() => tmux('kill-server'));

  it("keys and Ctrl-C are the guest's, its window has the size of ours, and Ctrl-A X ends both", async () => {
    await tmux('new-session', '-d', '-x', '100', '-y', '30', 'npx nx run demo-os:run --boot=direct; echo ended with $?; exec sleep 900');
    await shows(/A shell in the container shell[^]*^~ # *$/m);
    await type('stty size');
    await shows(/^30 100$/m);
    await tmux('resize-window', '-x', '91', '-y', '27');
    // What the guest has not been told yet, it is asked again for.
    await type('while [ "$(stty size)" != "27 91" ]; do sleep 1; done; echo resized-"now"');
    await shows(/^resized-now$/m);
    await type('sleep 900');
    await tmux('send-keys', 'C-c');
    await type('echo interrupted with $?');
    await shows(/^interrupted with 130$/m);
    await type('exit');
    await shows(/A shell of the OS, as root[^]*^~ # *$/m);
    await type('stty size');
    await shows(/^27 91$/m);
    await tmux('send-keys', 'C-a', 'x');
    await shows(/^ended with 0$/m);
    expect(await guests(root)).toEqual([]);
  });
});

describe('for another target', () => {
  const workspace = createStandInWorkspace();
  const { directory, cache } = workspace;
  /** It is done when the guest runs. */
  const UNTIL = `until ps -ww -e -o args= | grep "^qemu-system.*${directory}/dist"; do sleep 0.2; done`;
  const USER = { name: 'user', targets: { test: { executor: 'nx:run-commands', dependsOn: ['demo-os:run'], options: { command: UNTIL } } } };

  beforeAll(() => {
    workspace.edit('user/project.json', () => JSON.stringify(USER));
    workspace.editTarget('run', { options: { accelerator: 'tcg' } });
  });
  afterAll(() => workspace.remove());

  it('the guest runs without a terminal until that one is done', async () => {
    const options = { cwd: directory, env: { ...nxEnvironment(), CONTAINER_OS_CACHE: cache }, extendEnv: false, all: true, reject: false } as const;
    const { exitCode, all } = await execa('npx', ['nx', 'run', 'user:test', '--outputStyle=stream'], { ...options, stdin: 'ignore' });
    expect(exitCode, all).toBe(0);
    expect(all).toContain('There is no terminal: the console is only shown.');
    expect(all).not.toMatch(/INTERRUPTED|exited with code/);
    expect(await guests(directory)).toEqual([]);
  });
});

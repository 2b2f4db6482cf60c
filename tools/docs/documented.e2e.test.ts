// Types what the documents say, as how-run.ts tells: in a copy of the workspace on stand-ins, one shell a document; and what boots the
// image, in this workspace with the real one.
import { execa } from 'execa';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { root } from '../files.ts';
import { createStandInWorkspace } from '../stand-in/workspace.ts';
import { nxEnvironment } from '../workspace-copy.ts';
import { documentedCommands } from './commands.ts';
import { HOW_RUN } from './how-run.ts';
import { shellScript } from './session.ts';

const blocks = documentedCommands('demo-os');

describe('in a copy of the workspace', () => {
  const workspace = createStandInWorkspace();
  const { base, directory } = workspace;
  const home = join(base, 'home');

  beforeAll(async () => {
    const { exitCode, output } = await workspace.run('iso');
    expect(exitCode, output).toBe(0);
    mkdirSync(join(home, '.cache/container-os'), { recursive: true });
    // What a reader has: a clone, and a certificate where the server is to have one.
    const commit = 'git init --quiet --initial-branch=main && git add . && git -c user.name=a -c user.email=a@example.org commit --quiet --message=all';
    const certificate = 'openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -days 1 2>/dev/null';
    await execa('sh', ['-c', `${commit} && ${certificate}`], { cwd: directory });
  });
  afterAll(() => workspace.remove());

  const files = [...new Set(blocks.map(({ file }) => file))];
  const documents = files.map((file) => ({ file, script: shellScript(blocks.filter((block) => block.file === file)) })).filter(({ script }) => script !== '');

  it.each(documents)('what $file says works', { timeout: 600_000 }, async ({ script }) => {
    const env = { ...nxEnvironment(), HOME: home, CONTAINER_OS_CACHE: workspace.cache, NX_CACHE_DIRECTORY: join(directory, '.nx/cache'), BROWSER: 'none' };
    writeFileSync(join(base, 'script'), script);
    // Each document has its own reader: the tokens of another one are not there.
    await execa('git', ['clean', '--quiet', '--force', '-d', '--exclude=*.pem'], { cwd: directory });
    const { exitCode, all } = await execa('bash', [join(base, 'script')], { cwd: directory, env, extendEnv: false, all: true, reject: false });
    expect(exitCode, all).toBe(0);
  });
});

describe('with the real image', () => {
  const commands = Object.entries(HOW_RUN).flatMap(([command, how]) => ('in' in how && how.in !== 'copy' ? [{ command, how }] : []));

  it.each(commands.filter(({ how }) => how.in === 'workspace'))('$command', { timeout: 600_000 }, async ({ command }) => {
    const { exitCode, all } = await execa('sh', ['-c', command], { cwd: root, env: nxEnvironment(), extendEnv: false, all: true, reject: false });
    expect(exitCode, all).toBe(0);
  });

  test.each(commands.filter(({ how }) => how.in === 'terminal'))('$command', { timeout: 600_000 }, async ({ command, how }) => {
    const terminal = execa('timeout', ['590', 'script', '--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
      cwd: root,
      env: nxEnvironment(),
      extendEnv: false,
      all: true,
      reject: false,
    });
    let shown = '';
    terminal.all.on('data', (data: Buffer) => (shown += data.toString()));
    let over = false;
    void terminal.then(() => (over = true));
    const type = async (after: string, line: string): Promise<void> => {
      await expect.poll(() => over || shown.includes(after), { timeout: 400_000, interval: 200 }).toBe(true);
      expect(shown).toContain(after);
      terminal.stdin.write(`${line}\n`);
    };
    await type('A shell in the container shell; leave it with "exit".', '');
    if ('page' in how && how.page !== undefined) {
      const { page } = how;
      await expect
        .poll(
          () =>
            fetch(page).then(
              (response) => response.text(),
              () => '',
            ),
          { timeout: 60_000, interval: 500 },
        )
        .toContain('Hello from a container');
    }
    await type('A shell in the container shell; leave it with "exit".', 'exit');
    await type('A shell of the OS, as root; leave it with "exit".', 'poweroff');
    expect((await terminal).exitCode, shown).toBe(0);
  });
});

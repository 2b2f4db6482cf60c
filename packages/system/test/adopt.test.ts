import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileAdopt } from '../src/programs/compile.ts';

let directory: string;
let pidFile: string;
let eventsFile: string;
let hook: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'adopt-'));
  pidFile = join(directory, 'pid');
  eventsFile = join(directory, 'memory.events');
  hook = join(directory, 'hook');
  await writeFile(hook, `#!/bin/sh\necho killed >>${directory}/hooked\n`, { mode: 0o755 });
  await compileAdopt(directory, {});
});

afterAll(() => rm(directory, { recursive: true }));

const adopt = (...command: string[]) => execa(join(directory, 'adopt'), [pidFile, eventsFile, hook, ...command], { reject: false, stdout: 'ignore' });

/** A command that, like runc create, leaves a process behind and its id in a file, and itself ends after `seconds`. */
const leaving = (orphan: string, seconds = 0): string[] => ['sh', '-c', `(sh -c '${orphan}' 2>/dev/null & printf %s $! >${pidFile}); sleep ${seconds}`];

describe('adopt', () => {
  it('exits as the process that the command left behind', async () => {
    expect(await adopt(...leaving('sleep 0.2; exit 7'))).toMatchObject({ exitCode: 7 });
  });

  it('does not lose a process that ended before the command did', async () => {
    expect(await adopt(...leaving('sleep 0.1; exit 9', 0.4))).toMatchObject({ exitCode: 9 });
  });

  it('exits with 128 and the number of the signal that ended the process', async () => {
    expect(await adopt(...leaving('sleep 0.1; kill -KILL $$'))).toMatchObject({ exitCode: 137 });
  });

  it('reaps what else is orphaned, and goes on waiting', async () => {
    expect(await adopt(...leaving('(sleep 0.1 &); sleep 0.3; exit 5'))).toMatchObject({ exitCode: 5 });
  });

  it('passes TERM on to the process', async () => {
    const running = adopt(...leaving('trap "exit 3" TERM; sleep 10 >/dev/null & wait'));
    setTimeout(() => running.kill('SIGTERM'), 300);
    expect(await running).toMatchObject({ exitCode: 3 });
  });

  it('exits as the command when that fails, without waiting for anything', async () => {
    expect(await adopt('sh', '-c', 'exit 4')).toMatchObject({ exitCode: 4 });
    expect(await adopt(join(directory, 'nothing'))).toMatchObject({ exitCode: 127 });
  });

  it('runs the hook for kills, those of the end too, before it exits', async () => {
    await writeFile(eventsFile, 'oom 1\noom_kill 0\noom_group_kill 7\n');
    const hooked = (): Promise<string> => readFile(join(directory, 'hooked'), 'utf8').catch(() => 'never');
    expect(await adopt(...leaving('sleep 0.2; exit 5'))).toMatchObject({ exitCode: 5 });
    expect(await hooked()).toBe('never');
    expect(await adopt(...leaving(`sleep 0.2; printf "oom 1\\noom_kill 2\\n" >${eventsFile}; exit 6`))).toMatchObject({ exitCode: 6 });
    expect(await hooked()).toBe('killed\n');
  });

  describe('with a terminal', () => {
    /** Sends a pseudo terminal's master to the socket, as an OCI runtime does, and leaves a process behind that has the terminal. */
    const RUNTIME = `
import os, pty, socket, sys
master, slave = pty.openpty()
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
socket.send_fds(connection, [b'pty'], [master])
pid = os.fork()
if pid == 0:
    os.setsid()
    os.close(master)
    for descriptor in range(3):
        os.dup2(slave, descriptor)
    os.closerange(3, 64)
    os.execvp('sh', ['sh', '-c', sys.argv[3]])
open(sys.argv[2], 'w').write(str(pid))
os.close(master)
os.close(slave)
connection.close()
if len(sys.argv) > 4:
    os.system(sys.argv[4])
`;
    const atTerminal = (script: string, meanwhile: string[] = []) => {
      const socket = join(directory, 'terminal');
      const command = ['python3', '-c', RUNTIME, socket, pidFile, script, ...meanwhile];
      return execa(join(directory, 'adopt'), [pidFile, eventsFile, hook, '--terminal', socket, ...command], {
        reject: false,
        stdin: 'ignore',
        timeout: 20_000,
      });
    };

    it('copies what the process prints, the last words too, and exits as it does', async () => {
      expect(await atTerminal('test -t 0 && test -t 1 && echo at a terminal; sleep 0.2; echo bye; exit 7')).toMatchObject({
        exitCode: 7,
        stdout: 'at a terminal\r\nbye',
      });
    });

    it('copies more than a terminal holds, also while the command goes on', async () => {
      const done = join(directory, 'done');
      const { stdout, exitCode } = await atTerminal(`seq 20000; : >${done}; sleep 0.2`, [`until test -e ${done}; do sleep 0.1; done`]);
      expect({ exitCode, lines: stdout.split('\r\n').length, end: stdout.slice(-7) }).toEqual({ exitCode: 0, lines: 20_000, end: '\r\n20000' });
    });

    it('waits when nothing is sent', async () => {
      const socket = join(directory, 'terminal');
      const running = execa(join(directory, 'adopt'), [pidFile, eventsFile, hook, '--terminal', socket, ...leaving('sleep 0.2; exit 3')], { reject: false });
      expect(await running).toMatchObject({ exitCode: 3 });
    });
  });

  it('says so when the command left no process id', async () => {
    await writeFile(pidFile, '');
    expect(await adopt('true')).toMatchObject({ exitCode: 125, stderr: `${pidFile}: no process id` });
  });
});

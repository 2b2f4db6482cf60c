// The program before the OCI runtime, at a pseudo terminal of script(1), with a runtime that does to its descriptors and its
// terminal what crun does.
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileOciRuntime } from '../src/programs/compile.ts';

let directory: string;

/** Sets O_NONBLOCK on standard input and output and raw mode, then runs a command; restores nothing. */
const RUNTIME = `#!/bin/sh
perl -MFcntl -e 'fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK) for *STDIN, *STDOUT'
[ ! -t 0 ] || stty raw -echo
eval "$@"
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oci-runtime-'));
  await writeFile(join(directory, 'runtime'), RUNTIME, { mode: 0o755 });
  await compileOciRuntime(directory, {}, [`-DRUNTIME="${directory}/runtime"`]);
});

afterAll(() => rm(directory, { recursive: true }));

/** Runs a script of the shell at a terminal, with `run` for the program and `state` for flags and modes; returns its lines. */
async function atTerminal(script: string): Promise<string[]> {
  const prelude = `run=${directory}/oci-runtime
state() { echo "$(sed -n 's/^flags:\\s*//p' /proc/$$/fdinfo/0) $(sed -n 's/^flags:\\s*//p' /proc/$$/fdinfo/1) $(stty -g)"; }
settled() { for _ in $(seq 50); do [ "$(state)" = "$before" ] && return; sleep 0.1; done; }
before=$(state)
`;
  await writeFile(join(directory, 'script'), `${prelude}${script}\n[ "$(state)" = "$before" ] && echo as before || echo "before $before, after $(state)"\n`);
  const { stdout } = await execa('script', ['-qec', `bash ${directory}/script`, '/dev/null'], { stdin: 'pipe', reject: false, timeout: 30_000 });
  return stdout.split('\n').map((line) => line.trim());
}

describe('at a terminal, flags and modes are afterwards what they were, when', () => {
  it.each([
    ['the runtime ends', '$run "exit 7"; echo "code $?"', 'code 7'],
    ['the runtime is killed', '$run \'kill -KILL $$\'; echo "code $?"', 'code 137'],
    ['the program gets a signal', '$run "kill -TERM \\$PPID; sleep 9"; echo "code $?"', 'code 143'],
    ['its caller is killed', 'bash -c "$run \'kill -KILL \\$(ps -o ppid= \\$PPID); sleep 9\'; :"; settled; echo killed', 'killed'],
    ['standard input is a pipe', 'echo one | { $run true; cat; }', 'one'],
    ['standard output is a pipe', '{ $run true; sed -n "s/^flags:\\s*//p" /proc/$BASHPID/fdinfo/1; } | cat', '01'],
  ])('%s', async (_, script, line) => {
    const lines = await atTerminal(script);
    expect(lines).toContain(line);
    expect(lines).toContain('as before');
  });
});

it('in the background it stops instead of changing the modes of the terminal', async () => {
  const lines = await atTerminal('set -m; $run "sleep 9" & sleep 0.5; jobs; kill -KILL %1; kill -CONT %1');
  expect(lines.join('\n')).toMatch(/^\[1\]\+ +Stopped/m);
  expect(lines).toContain('as before');
});

it('nothing of the runtime is left when the program got a signal', async () => {
  const lines = await atTerminal("$run 'echo $$ >" + directory + "/pid; kill -TERM $PPID; sleep 9'; kill -0 $(cat " + directory + '/pid) || echo gone');
  expect(lines).toContain('gone');
});

it('without a terminal it becomes the runtime', async () => {
  const { stdout, exitCode } = await execa(join(directory, 'oci-runtime'), ['echo "$(ps -o ppid= $$) "; exit 3'], { reject: false, stdin: 'ignore' });
  expect({ parent: Number(stdout), exitCode }).toEqual({ parent: process.pid, exitCode: 3 });
});

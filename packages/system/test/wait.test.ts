import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIBRARY, SHELLS } from './shells.ts';

describe.each(Object.entries(SHELLS))('wait_until in %s', (_, [shell, ...args]) => {
  /** What `script` prints after wait.sh; a pause takes no time, and prints a dot. */
  function run(script: string): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(
      shell,
      [...args, '-uc', `usleep() { printf . >&3; }; exec 3>&1; . "$0"; ${script}`, join(LIBRARY, 'wait.sh')],
      { encoding: 'utf8' },
    );
    return { status, stdout, stderr };
  }

  it('does not pause for what holds already', () => {
    expect(run('wait_until 5 true && echo on')).toEqual({ status: 0, stdout: 'on\n', stderr: '' });
  });

  it('pauses until it holds, and hides what each attempt says', () => {
    expect(run('count=0; third() { echo noise; count=$((count + 1)); [ "$count" -eq 3 ]; }; wait_until 5 third')).toEqual({
      status: 0,
      stdout: '..',
      stderr: '',
    });
  });

  it('fails after its time, and names what did not happen', () => {
    expect(run('wait_until 2 test -e /no/such/file')).toEqual({ status: 1, stdout: '.'.repeat(20), stderr: 'timed out after 2 s: test -e /no/such/file\n' });
  });

  it('takes another pause from its caller, for this call alone', () => {
    expect(run('pause=20 wait_until 1 false; echo; wait_until 1 false').stdout).toBe(`${'.'.repeat(50)}\n${'.'.repeat(10)}`);
  });

  it('has a limit of its own where what it waits for waits too', () => {
    expect(run('inner() { wait_until 1 true; false; }; wait_until 3 inner; echo "$?"').stdout).toBe(`${'.'.repeat(30)}1\n`);
    expect(run('inner() { ! wait_until 1 false; }; wait_until 3 inner; echo "$?"').stdout).toBe(`${'.'.repeat(10)}0\n`);
  });
});

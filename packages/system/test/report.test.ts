import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

const REPORT = join(import.meta.dirname, '../rootfs/usr/lib/container-os/report.sh');
const directory = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What the shell function writes to its port; the port's place is all that differs from the OS. */
function report(...args: string[]): unknown[] {
  const port = join(directory, 'port');
  rmSync(port, { force: true });
  execFileSync('sh', ['-euc', `. "$0"; report_port() { port=${port}; }; report "$@"`, REPORT, ...args]);
  return readFileSync(port, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('the boot report', () => {
  it('is one JSON object a line, with the uptime, text as strings and := as it stands', () => {
    expect(report('container', 'name=demo', 'pid:=12', 'value:={"a":[1]}')).toEqual([
      { event: 'container', uptime: expect.any(Number), name: 'demo', pid: 12, value: { a: [1] } },
    ]);
  });

  it('stays JSON whatever a program says, control characters becoming spaces', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(text, (value) => {
        expect(report('failed', `reason=${value}`)).toEqual([expect.objectContaining({ reason: value.replace(/[\x01-\x1f\x7f]/g, ' ') })]);
      }),
      { numRuns: 60, examples: [['say "no"\\'], ['a\nb\tc'], ["it's; $(rm) `x` \\n"], ['é\u{1f600}']] },
    );
  });

  it('is not written where there is no port, and that is no failure', () => {
    expect(execFileSync('sh', ['-euc', '. "$0"; report init; echo on', REPORT], { encoding: 'utf8' })).toBe('on\n');
  });
});

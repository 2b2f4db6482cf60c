import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

const OLD = 'fpu sse sse2 cx16 lahf_lm rdrand';

describe.each(Object.entries(SHELLS))('what finish says of the processor, by %s', (_, [shell, ...args]) => {
  /** What it says, on a processor with these features, of a program that ended so. */
  function fault(code: number, last: string, features = OLD): string {
    const root = mkdtempSync(join(tmpdir(), 'processor-'));
    mkdirSync(join(root, 'proc'));
    writeFileSync(join(root, 'proc/cpuinfo'), `processor\t: 0\nmodel name\t: sse4_2 avx2\nflags\t\t: ${features}\nbugs\t\t: avx2\n`);
    const { stdout, stderr } = spawnSync(shell!, [...args, '-c', `${moved('service/processor.sh', root)}\nprocessor_fault "$@"`, 'sh', `${code}`, last], {
      encoding: 'utf8',
    });
    rmSync(root, { recursive: true });
    expect(stderr).toBe('');
    return stdout;
  }

  it('an illegal instruction may be one that it lacks', () => {
    expect(fault(132, '')).toBe('the program may need a newer processor than this one (x86-64): ');
    expect(fault(132, '', `${OLD} sse4_2`)).toContain('(x86-64-v2)');
    expect(fault(132, '', `${OLD} sse4_2 avx2`)).toContain('(x86-64-v3)');
  });

  it.each([
    [127, 'Fatal glibc error: CPU does not support x86-64-v2'],
    [127, '/bin/app: CPU ISA level is lower than required'],
    [1, 'Fatal glibc error: CPU does not support x86-64-v3'],
  ])('exit code %i, %s', (code, last) => {
    expect(fault(code, last)).toBe('the program needs a newer processor than this one (x86-64): ');
  });

  it.each([
    [127, 'sh: app: not found'],
    [139, 'Segmentation fault'],
    [1, ''],
  ])('exit code %i, %s, has another cause', (code, last) => {
    expect(fault(code, last)).toBe('');
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isIdle, toolOf } from '../../src/hash/tools.ts';
import catalogue from '../../tools.json' with { type: 'json' };

// What the plugins ask of each program that has idle libraries, in all ways in which they ask it. `$out` is its output.
const CALLS: Record<string, string[]> = {
  zstd: ['zstd -12 --long=25 --single-thread --quiet -o $out input', 'zstd -22 --ultra --quiet -o $out input'],
  mksquashfs: ['lz4 -Xhc', 'zstd -Xcompression-level 19'].map((compression) => `mksquashfs - $out -tar -noappend -comp ${compression} -quiet < input.tar`),
  'grub-mkimage': [
    'grub-mkimage -O i386-pc -p /boot/grub -o $out biosdisk iso9660 normal linux',
    'grub-mkimage -O x86_64-efi -p /boot/grub -o $out iso9660 normal linux',
  ],
};

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'idle-libraries-'));
  writeFileSync(join(base, 'input'), readFileSync(process.execPath).subarray(0, 300_000));
  execFileSync('tar', ['-cf', 'input.tar', 'input'], { cwd: base });
});
afterEach(() => rmSync(base, { recursive: true }));

it('is asked of each program that has idle libraries', () => {
  const programs = Object.entries(catalogue).flatMap(([name, tool]) => ('idle' in tool ? [name] : []));
  expect(programs.sort()).toEqual(Object.keys(CALLS).sort());
});

it.each(Object.keys(CALLS))('%s makes the same bytes with libraries of which each function aborts', (program) => {
  const libraries = idleLibrariesOf(program);
  expect(libraries).toHaveLength(toolOf(program).idle?.length ?? 0);
  for (const library of libraries) abortIn(library);
  for (const call of CALLS[program] ?? []) expect(outputOf(call, { LD_LIBRARY_PATH: base }).equals(outputOf(call, {})), call).toBe(true);
});

it('a library that is called ends the program', () => {
  abortIn('/lib/x86_64-linux-gnu/liblz4.so.1');
  expect(() => outputOf(CALLS['mksquashfs']?.[0] ?? '', { LD_LIBRARY_PATH: base })).toThrow();
});

function idleLibrariesOf(program: string): string[] {
  const file = execFileSync('which', [program], { encoding: 'utf8' }).trim();
  const listed = execFileSync('ldd', [file], { encoding: 'utf8' });
  return [...listed.matchAll(/=> (\/\S+)/g)].map(([, path = '']) => path).filter((path) => isIdle(path, toolOf(program).idle ?? []));
}

/** Makes a library of that name below `base`, with the versions of symbols that it has: its functions abort, its variables are zero. */
function abortIn(library: string): void {
  const symbols = execFileSync('nm', ['-D', '--defined-only', library], { encoding: 'utf8' });
  const versions = new Map<string, string[]>([['UNVERSIONED', []]]);
  const lines = new Set<string>();
  for (const [, type = '', name = '', version] of symbols.matchAll(/ ([A-Za-z]) (\w+)(?:@@?(\S+))?$/gm)) {
    const node = version ?? 'UNVERSIONED';
    const named = versions.get(node) ?? versions.set(node, []).get(node);
    if (type === 'A' || name.startsWith('_') || [...versions.values()].some((names) => names.includes(name))) continue;
    named?.push(`${name};`);
    lines.add('TWi'.includes(type) ? `void ${name}(void) { __builtin_trap(); }` : `char ${name}[4096];`);
  }
  const script = join(base, 'versions');
  writeFileSync(script, [...versions].map(([version, names]) => `${version} { ${names.join(' ')} };\n`).join(''));
  const flags = ['-w', '-fno-builtin', '-shared', '-fPIC', `-Wl,-soname,${basename(library)}`, `-Wl,--version-script,${script}`];
  execFileSync('gcc', [...flags, '-o', join(base, basename(library)), '-x', 'c', '-'], { input: [...lines].join('\n') });
}

function outputOf(call: string, env: NodeJS.ProcessEnv): Buffer {
  const out = join(base, 'output');
  rmSync(out, { force: true });
  execFileSync('sh', ['-c', call], { cwd: base, env: { ...process.env, SOURCE_DATE_EPOCH: '0', out, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  return readFileSync(out);
}

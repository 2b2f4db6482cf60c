import { describe, expect, it } from 'vitest';
import { npmPackageOf, undeclared, unused, type Declared } from './judge.ts';
import { parseCall, type Observed, type Use } from './trace.ts';

describe('parseCall', () => {
  it.each([
    ['openat(AT_FDCWD</tmp>, "a b", O_RDONLY|O_CLOEXEC) = 3</tmp/a b>', { name: 'openat', directory: '/tmp', path: 'a b', result: '3' }],
    ['openat(7</dir>, "a", O_RDONLY) = -1 ENOENT (No such file or directory)', { directory: '/dir', path: 'a', result: '-1', error: 'ENOENT' }],
    ['execve("/bin/sh", ["sh", "-c", "exit (1) = 2"], 0x7ffc /* 3 vars */) = 0', { name: 'execve', directory: undefined, path: '/bin/sh', result: '0' }],
    ['access("/gr\\303\\266\\"\\n", F_OK) = 0', { path: '/grö"\n' }],
    ['vfork() = 4242', { name: 'vfork', result: '4242', path: undefined }],
    ['exit_group(0) = ?', { name: 'exit_group', result: '?' }],
  ])('%s', (line, expected) => expect(parseCall(line)).toMatchObject(expected));

  it('is undefined for what is no call', () => expect(parseCall('--- SIGCHLD {si_signo=SIGCHLD} ---')).toBeUndefined());
});

it.each([
  ['node_modules/execa/index.js', 'execa'],
  ['node_modules/execa/node_modules/@a/b/c.js', '@a/b'],
  ['packages/core/src/index.ts', undefined],
  ['node_modules/.package-lock.json', undefined],
])('%s is of the npm package %s', (path, name) => expect(npmPackageOf(path)).toBe(name));

describe('undeclared', () => {
  const declared: Declared = {
    workspace: '/w',
    files: new Set(['/w/a', '/w/dir', '/w/dir/b']),
    artifacts: new Set(['/w/dist/i/kernel/bzImage']),
    npm: new Set(['execa']),
    isOfTool: (path) => path === '/usr/bin/gcc',
    isUtility: (path) => path === '/usr/bin/sed',
    packageOf: (path) => (path.startsWith('/usr/') ? 'some' : undefined),
    own: ['/cache/scratch'],
  };
  const observe = (...used: [path: string, use: Use, program?: string][]): Observed => ({
    exitCode: 0,
    output: '',
    uses: new Map(used.map(([path, use]) => [path, new Set([use])])),
    users: new Map(used.map(([path, , program = '']) => [program, new Set([path])])),
  });
  const paths = (observed: Observed): string[] => undeclared(observed, declared).map(({ path }) => path);

  it('passes what the hash holds', () => {
    expect(paths(observe(['/w/a', 'read']))).toEqual([]);
    expect(paths(observe(['/w/dist/i/kernel/bzImage', 'read']))).toEqual([]);
    expect(paths(observe(['/w/node_modules/execa/index.js', 'read']))).toEqual([]);
    expect(paths(observe(['/usr/bin/gcc', 'run']))).toEqual([]);
    expect(paths(observe(['/usr/lib/libselinux.so', 'read', '/usr/bin/sed']))).toEqual([]);
    expect(paths(observe(['/cache/scratch/x', 'read'], ['/proc/self/maps', 'read'], ['/w/new', 'missing']))).toEqual([]);
  });

  it.each([
    ['a file of the workspace', '/w/packages/x/src/y.ts', ''],
    ['a file of an artifact that does not count', '/w/dist/i/kernel/manifest.json', ''],
    ['a program', '/root/.cargo/bin/rustc', '/usr/bin/sed'],
    ['a file in HOME, read by a utility', '/root/.sedrc', '/usr/bin/sed'],
    ['a library of a program that is no utility', '/usr/lib/libx.so', '/usr/bin/other'],
  ])('names %s', (_, path, program) => expect(paths(observe([path, 'read', program]))).toEqual([path]));

  it('names an npm package, once', () =>
    expect(
      paths(
        observe(['/w/node_modules/left-pad/index.js', 'read'], ['/else/node_modules/left-pad/package.json', 'read'], ['/w/node_modules/left-pad/b.js', 'read']),
      ),
    ).toEqual(['/else/node_modules/left-pad', '/w/node_modules/left-pad']));

  it('what nobody used is listed', () =>
    expect(unused(observe(['/w/a', 'read'], ['/w/dir', 'list']), declared)).toEqual(['/w/dir/b', '/w/dist/i/kernel/bzImage']));

  it('what was read by the link in node_modules is used', () => {
    const files = new Set(['/w/packages/x/src/a.ts', '/w/packages/x/src/b.ts']);
    const { uses } = observe(['/w/node_modules/@container-os/x/src/a.ts', 'read']);
    expect(unused({ uses } as Observed, { ...declared, files, artifacts: new Set() })).toEqual(['/w/packages/x/src/b.ts']);
  });
});

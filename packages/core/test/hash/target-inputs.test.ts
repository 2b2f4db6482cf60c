import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DigestMemory } from '../../src/hash/memory.ts';
import { digestsOf, targetInputs } from '../../src/hash/target-inputs.ts';

let root: string;
let bin: string;

/** A workspace with a plugin `pack`, which packs the directory `tree` of an image, a package `format` that it imports, and an image. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'target-inputs-'));
  bin = join(root, 'bin');
  write('package.json', '{}');
  write('packages/pack/package.json', JSON.stringify({ name: '@os/pack', executors: './executors.json', type: 'module' }));
  write(
    'packages/pack/executors.json',
    JSON.stringify({
      executors: {
        pack: { implementation: './src/executor.ts', schema: './src/schema.json' },
        other: { implementation: './src/other.ts', schema: './src/schema.json' },
      },
    }),
  );
  write('packages/pack/src/schema.json', JSON.stringify({ properties: { tree: { type: 'string', default: 'tree' }, parts: { type: 'array' } } }));
  write('packages/pack/src/recipe.json', JSON.stringify({ files: ['{options.tree}', '{options.lists}', { paths: 'parts' }], tools: ['mksquashfs'] }));
  write(
    'packages/pack/src/executor.ts',
    "import { encode } from '@os/format';\nimport type { Type } from './types.ts';\nimport recipe from './recipe.json' with { type: 'json' };\nexport default encode(new URL('template.txt', import.meta.url), recipe as Type);\n",
  );
  write('packages/pack/src/types.ts', 'export type Type = object;\n');
  write('packages/pack/src/template.txt', 'template');
  write('packages/pack/src/other.ts', 'export default 1;\n');
  write('packages/format/package.json', JSON.stringify({ name: '@os/format', exports: { '.': './src/index.ts' }, type: 'module' }));
  write('packages/format/src/index.ts', "export { encode } from './encode.ts';\nimport known from 'known';\nvoid known;\n");
  write('packages/format/src/encode.ts', 'export const encode = (...of: unknown[]): unknown => of;\n');
  write('packages/unused/package.json', JSON.stringify({ name: '@os/unused', exports: { '.': './src/index.ts' } }));
  write('packages/unused/src/index.ts', 'export const unused = 1;\n');
  write('node_modules/known/package.json', JSON.stringify({ version: '1.0.0' }));
  mkdirSync(join(root, 'node_modules/@os'));
  for (const name of ['pack', 'format', 'unused']) symlinkSync(join('../../packages', name), join(root, 'node_modules/@os', name));
  write('.gitignore', '*.log\n');
  write('image/tree/bin/program', '#!/bin/sh\n', 0o755);
  write('image/tree/other', 'other');
  symlinkSync('other', join(root, 'image/tree/link'));
  write('image/part/file', 'file');
  program('mksquashfs', 'echo squashfs 1.0');
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

function program(name: string, work: string): void {
  write(`bin/${name}`, `#!/bin/sh\n${work}\n`, 0o755);
}

function hash(options: Record<string, unknown> = {}): Record<string, string> {
  return digestsOf(
    targetInputs(
      {
        workspaceRoot: root,
        root: 'image',
        executor: '@os/pack:pack',
        outputs: ['dist/image/pack'],
        options: { parts: ['./part', 'busybox'], ...options },
      },
      new DigestMemory(root),
    ),
  );
}

/** What of the hash another state of the workspace changes. */
function changedBy(change: () => void, options: Record<string, unknown> = {}): string[] {
  const before = hash(options);
  change();
  const now = hash(options);
  return Object.keys({ ...before, ...now }).filter((name) => before[name] !== now[name]);
}

describe('the hash of a target holds what its executor reads', () => {
  it.each<[string, () => void]>([
    ['the execute bit of a file', () => chmodSync(join(root, 'image/tree/bin/program'), 0o644)],
    ['an empty directory', () => mkdirSync(join(root, 'image/tree/empty'))],
    ['a symlink that leads nowhere now', () => relink('nowhere')],
    ['a symlink that leads to a directory now', () => relink('bin')],
    ['a file that git ignores', () => write('image/tree/debug.log', '')],
    ['the content of a file that git ignores', () => write('image/tree/node_modules/a', '')],
    ['a FIFO', () => execFileSync('mkfifo', [join(root, 'image/tree/fifo')])],
    ['a file that became a directory', () => (rmSync(join(root, 'image/tree/other')), mkdirSync(join(root, 'image/tree/other')))],
    ['a file of a path among the parts', () => write('image/part/file', 'edited')],
    ['a directory that is not there any more', () => rmSync(join(root, 'image/tree'), { recursive: true })],
  ])('%s', (_, change) => {
    expect(changedBy(change)).toEqual(['files']);
  });

  it.each<[string, () => void]>([
    ['a module that another package re-exports', () => write('packages/format/src/encode.ts', 'export const encode = 2;\n')],
    ['its own module', () => write('packages/pack/src/executor.ts', 'export default 2;\n')],
    [
      'the package.json that says where a module is',
      () => write('packages/format/package.json', JSON.stringify({ name: '@os/format', exports: { '.': './src/encode.ts' } })),
    ],
    ['its schema', () => write('packages/pack/src/schema.json', '{}')],
  ])('%s', (_, change) => {
    expect(changedBy(change)).toContain('modules');
  });

  it('a package that it begins to import, and then each edit of that', () => {
    const before = hash();
    write('packages/format/src/encode.ts', "export { unused as encode } from '@os/unused';\n");
    const imported = hash();
    expect(imported['modules']).not.toBe(before['modules']);
    write('packages/unused/src/index.ts', 'export const unused = 2;\n');
    expect(hash()['modules']).not.toBe(imported['modules']);
  });

  it('a file that a module names by its URL', () => {
    expect(changedBy(() => write('packages/pack/src/template.txt', 'edited'))).toEqual(['data']);
  });

  it('the installed version of an npm package that it imports', () => {
    expect(changedBy(() => write('node_modules/known/package.json', JSON.stringify({ version: '1.0.1' })))).toEqual(['npm']);
  });

  it('the version of a package that this depends on, where Node finds it', () => {
    write('node_modules/known/package.json', JSON.stringify({ version: '1.0.0', dependencies: { deep: '1' } }));
    expect(changedBy(() => write('node_modules/deep/package.json', JSON.stringify({ version: '1.0.0' })))).toEqual(['npm']);
    expect(changedBy(() => write('node_modules/known/node_modules/deep/package.json', JSON.stringify({ version: '1.0.1' })))).toEqual(['npm']);
    expect(changedBy(() => write('node_modules/deep/package.json', JSON.stringify({ version: '1.0.2' })))).toEqual([]);
  });

  it('a tool whose version line is the same', () => {
    expect(changedBy(() => program('mksquashfs', 'echo squashfs 1.0 # other'))).toEqual(['tool mksquashfs']);
  });

  it('a tool that the artifact of another target asks for', () => {
    const ask = { tool: 'xz', file: 'settings/config', line: 'CONFIG_(XZ|OTHER)=y' };
    write('packages/pack/src/recipe.json', JSON.stringify({ tools: [ask] }));
    expect(Object.keys(hash())).toContain('tool xz');
    write('dist/image/settings/config', 'CONFIG_XZ_MORE=y\n# CONFIG_XZ is not set\n');
    expect(Object.keys(hash())).not.toContain('tool xz');
    expect(changedBy(() => write('dist/image/settings/config', 'CONFIG_A=y\nCONFIG_OTHER=y\n'))).toEqual(['tool xz']);
  });

  it('a tool that only its recipe knows', () => {
    write('packages/pack/src/recipe.json', JSON.stringify({ tools: ['packer'], ownTools: { packer: { deb: 'packer', files: [join(root, 'packer.conf')] } } }));
    program('packer', 'echo packer 1.0');
    expect(changedBy(() => write('packer.conf', 'level=9'))).toEqual(['tool packer']);
    expect(changedBy(() => program('packer', 'echo packer 1.0 # other'))).toEqual(['tool packer']);
  });

  it('a tool that is not there any more', () => {
    vi.stubEnv('PATH', bin);
    expect(changedBy(() => rmSync(join(bin, 'mksquashfs')))).toEqual(['tool mksquashfs']);
  });

  function relink(target: string): void {
    rmSync(join(root, 'image/tree/link'));
    symlinkSync(target, join(root, 'image/tree/link'));
  }
});

describe('the hash of a target does not hold', () => {
  it.each<[string, () => void]>([
    ['bits that no executor sees', () => chmodSync(join(root, 'image/tree/other'), 0o666)],
    ['a date', () => utimesSync(join(root, 'image/tree/other'), 1, 1)],
    ['a file that no option names', () => write('image/README.md', '')],
    ['the module of another executor', () => write('packages/pack/src/other.ts', 'export default 2;\n')],
    ['a module of which only types are imported', () => write('packages/pack/src/types.ts', 'export type Type = string;\n')],
    ['a package that is not imported', () => write('packages/unused/src/index.ts', 'export const unused = 2;\n')],
    ['a new program on PATH', () => program('rustc', 'echo rustc 1.95')],
    ['what git ignores', () => write('.gitignore', 'tree/\n')],
  ])('%s', (_, change) => {
    expect(changedBy(change)).toEqual([]);
  });

  it('the directory that a tool lies in', () => {
    const before = hash();
    write('elsewhere/mksquashfs', '#!/bin/sh\necho squashfs 1.0\n', 0o755);
    vi.stubEnv('PATH', `${join(root, 'elsewhere')}:${process.env['PATH']}`);
    expect(hash()).toEqual(before);
  });
});

it('an option has its default when nobody gives it', () => {
  expect(hash({ tree: 'tree' })).toEqual(hash());
  expect(hash({ tree: 'part' })).not.toEqual(hash());
});

it('a list names a path each, and what is no text names none', () => {
  const before = hash();
  expect(hash({ lists: ['tree/other', { inline: true }] })['files']).toBe(before['files']);
  expect(hash({ lists: ['part/file'] })['files']).toBe(before['files']);
  expect(hash({ lists: ['missing'] })['files']).not.toBe(before['files']);
});

describe('an installed plugin', () => {
  /** Packages as they are built, in the directories that a package manager gives them. */
  function install(places: { pack: string; format: string }): void {
    write('package.json', '{}');
    write(`${places.pack}/package.json`, JSON.stringify({ name: '@container-os/pack', version: '1.0.0', executors: './executors.json', type: 'module' }));
    write(`${places.pack}/executors.json`, JSON.stringify({ executors: { pack: { implementation: './src/executor.js', schema: './src/schema.json' } } }));
    write(`${places.pack}/src/schema.json`, '{}');
    write(
      `${places.pack}/src/executor.js`,
      "import { createRequire } from 'node:module';\nimport { encode } from '@container-os/format';\nconst recipe = createRequire(import.meta.url)('./recipe.json');\nexport default encode(recipe, new URL('../rootfs', import.meta.url));\n",
    );
    write(`${places.pack}/src/recipe.json`, '{}');
    write(`${places.pack}/rootfs/init`, '#!/bin/sh\n', 0o755);
    const exports = { '.': { types: './src/index.d.ts', default: './src/index.js' } };
    write(`${places.format}/package.json`, JSON.stringify({ name: '@container-os/format', version: '1.0.0', exports, type: 'module' }));
    write(`${places.format}/src/index.js`, "import 'known';\nexport const encode = (...of) => of;\n");
  }

  const flat = { pack: 'node_modules/@container-os/pack', format: 'node_modules/@container-os/format' };

  function installed(): Record<string, string> {
    return digestsOf(
      targetInputs(
        { workspaceRoot: root, root: 'image', executor: '@container-os/pack:pack', outputs: ['dist/image/pack'], options: {} },
        new DigestMemory(root),
      ),
    );
  }

  function changed(change: () => void): string[] {
    const before = installed();
    change();
    const now = installed();
    return Object.keys(now).filter((name) => before[name] !== now[name]);
  }

  it.each<[string, () => void, string[]]>([
    ['a byte of its code', () => write(`${flat.pack}/src/executor.js`, 'export default 1;\n'), ['modules', 'data', 'npm']],
    ['a byte of a package that it imports', () => write(`${flat.format}/src/index.js`, "import 'known';\nexport const encode = 1;\n"), ['modules']],
    ['its recipe', () => write(`${flat.pack}/src/recipe.json`, '{ "tools": [] }'), ['modules']],
    ['a file that it names', () => write(`${flat.pack}/rootfs/init`, '#!/bin/ash\n', 0o755), ['data']],
    ['a package that it imports from elsewhere', () => write('node_modules/known/package.json', JSON.stringify({ version: '2.0.0' })), ['npm']],
    ['nothing of a package that it does not import', () => write('node_modules/other/package.json', JSON.stringify({ version: '2.0.0' })), []],
    ['nothing of how the workspace reads TypeScript', () => write('tsconfig.base.json', '{}'), []],
  ])('counts by %s', (_, change, parts) => {
    install(flat);
    expect(changed(change)).toEqual(parts);
  });

  it('has one hash, however a package manager lays it out', () => {
    install(flat);
    const before = installed();
    rmSync(join(root, 'node_modules/@container-os'), { recursive: true });
    const store = (name: string): string => `node_modules/.pnpm/@container-os+${name}@1.0.0/node_modules/@container-os/${name}`;
    install({ pack: store('pack'), format: store('format') });
    mkdirSync(join(root, 'node_modules/@container-os'));
    symlinkSync(join(root, store('pack')), join(root, 'node_modules/@container-os/pack'));
    symlinkSync(join(root, store('format')), join(root, store('pack'), '../format'));
    mkdirSync(join(root, store('format'), '../../known'), { recursive: true });
    write(`${store('format')}/../../known/package.json`, JSON.stringify({ version: '1.0.0' }));
    expect(installed()).toEqual(before);
  });
});

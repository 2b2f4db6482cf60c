import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './files.ts';
import { built, isProgram, type Manifest } from './packages/manifest.ts';

const folders = readdirSync(join(root, 'packages')).sort();
const dist = join(root, 'dist/packages');
const scratch = mkdtempSync(join(tmpdir(), 'packages-'));

/** As `npm pack --json` says it. */
interface Tarball {
  name: string;
  filename: string;
  size: number;
  files: { path: string; mode: number }[];
}

let tarballs: Record<string, Tarball>;

beforeAll(() => {
  execFileSync('npx', ['nx', 'run', 'tools:build-packages'], { cwd: root, stdio: 'pipe' });
  const given = folders.map((folder) => `./${folder}`);
  const answer = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch, ...given], { cwd: dist, stdio: 'pipe' });
  const packed = JSON.parse(answer.toString()) as Tarball[] | Record<string, Tarball>;
  tarballs = Object.fromEntries(Object.values(packed).map((one) => [one.name.replace('@container-os/', ''), one]));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** The files that git has of a package. */
function tracked(folder: string): { path: string; mode: string }[] {
  return execFileSync('git', ['ls-files', '-s', '.'], { cwd: join(root, 'packages', folder), encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => ({ path: line.split('\t')[1] ?? '', mode: line.slice(0, 6) }));
}

const isCode = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.d.ts');

describe.each(folders)('the tarball of %s', (folder) => {
  const published = tracked(folder).filter(({ path }) => !path.startsWith('test/') && !path.endsWith('.test.ts'));

  const source = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as Manifest;

  it('has JavaScript, types and a source map of each module, or a program as one file; the data as it is, and nothing else', () => {
    const modules = published.filter(({ path }) => isCode(path)).map(({ path }) => path.replace(/\.ts$/, ''));
    const data = published.filter(({ path }) => !isCode(path)).map(({ path }) => path);
    const code = isProgram(source)
      ? Object.values(source.bin ?? {}).map((path) => built(path).replace('./', ''))
      : modules.flatMap((path) => [`${path}.js`, `${path}.d.ts`, `${path}.js.map`]);
    const expected = ['LICENSE', ...data, ...code];
    expect((tarballs[folder]?.files ?? []).map(({ path }) => path).sort()).toEqual(expected.sort());
  });

  it('keeps what may be executed, and has no symlink to lose', () => {
    expect(published.filter(({ mode }) => mode === '120000')).toEqual([]);
    const programs = published.filter(({ mode }) => mode === '100755').map(({ path }) => path);
    expect((tarballs[folder]?.files ?? []).filter(({ path, mode }) => programs.includes(path) && (mode & 0o100) === 0)).toEqual([]);
  });

  it('runs nothing where it is installed, and says where it comes from', () => {
    const manifest = JSON.parse(readFileSync(join(dist, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ engines: { node: '>=20.19' }, repository: { directory: `packages/${folder}` } });
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(JSON.stringify(manifest)).not.toContain('provenance');
  });

  it('has nothing that publint objects to', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(dist, folder), strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that arethetypeswrong finds right', () => {
    const file = join(scratch, tarballs[folder]?.filename ?? '');
    expect(statSync(file).size).toBe(tarballs[folder]?.size);
    execFileSync(join(root, 'node_modules/.bin/attw'), [file, '--profile', 'esm-only', '--format', 'ascii'], { encoding: 'utf8' });
  });
});

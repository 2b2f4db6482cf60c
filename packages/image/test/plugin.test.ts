import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createNodes } from '../plugin.mjs';
import { readTexts } from '../src/infer/texts.ts';

type Text = [name: string, sha256: string | null, identity: string | null];
type Record = { given: string; texts: Text[]; projects: object[]; images: { [file: string]: { read: number[]; projects: { [root: string]: number } } } };

const [A, B] = ['os-images/a/compose.yaml', 'os-images/b/compose.yaml'];
const ENV = 'os-images/a/.env';
const CODE = 'packages/image/infer.ts';
const base = { name: 'base-vm', root: 'base' };
const [a, b] = [
  { name: 'a', root: 'os-images/a' },
  { name: 'b', root: 'os-images/b' },
];

let root: string;

beforeEach(() => {
  vi.stubEnv('NX_WORKSPACE_DATA_DIRECTORY', undefined);
  root = mkdtempSync(join(tmpdir(), 'plugin-'));
  for (const [path, text] of Object.entries({ [A]: 'x-os: {}\n', [B]: 'x-os: {}\n', [ENV]: 'SECRET=hunter2\n', [CODE]: 'export {};\n' })) write(path, text);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** As the inference makes them. */
function digests(...paths: string[]): [string, string | null][] {
  const texts = readTexts();
  for (const path of paths) texts.read(join(root, path));
  return paths.map((path) => [path, texts.asked[join(root, path)] ?? null]);
}

/** Leaves a record of two images on one base, of which the first reads .env. */
function record(env: Partial<{ sha256: string; identity: string }> = {}): void {
  const texts = digests(A, B, CODE, ENV).map(([name, sha256]): Text => [name, sha256, null]);
  texts[3] = [ENV, env.sha256 ?? texts[3]![1], env.identity ?? null];
  const images = { [A]: { read: [0, 2, 3], projects: { base: 0, 'os-images/a': 1 } }, [B]: { read: [1, 2], projects: { base: 0, 'os-images/b': 2 } } };
  write('.nx/workspace-data/container-os-images.json', JSON.stringify({ given: '{}', texts, projects: [base, a, b], images } satisfies Record));
}

const recordFile = (): string => join(root, '.nx/workspace-data/container-os-images.json');
const recorded = (): Record => JSON.parse(readFileSync(recordFile(), 'utf8')) as Record;
const nodes = (...files: string[]): unknown => createNodes[1](files, {}, { nxJsonConfiguration: {}, workspaceRoot: root });

/** Which file .env is. */
function identity(): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(join(root, ENV), { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

it('tells Nx what is recorded, and a base of several images once', () => {
  record({ identity: identity() });
  const before = statSync(recordFile()).ino;
  expect(nodes(A, B)).toEqual([
    [A, { projects: { base, 'os-images/a': a } }],
    [B, { projects: { 'os-images/b': b } }],
  ]);
  expect(statSync(recordFile()).ino).toBe(before);
});

it('infers again what has changed', () => {
  record({ identity: identity() });
  write(CODE, 'export default 1;\n');
  // The workspace has no tsconfig.base.json, which the inference needs.
  expect(() => nodes(A, B)).toThrow('tsconfig.base.json');
});

it('digests a file that may hold secrets slowly, others fast, and that file only when it has changed', () => {
  const [[, code], [, env]] = digests(CODE, ENV) as [[string, string], [string, string]];
  expect(code).toBe(createHash('sha256').update('export {};\n').digest('hex'));
  expect(env).not.toBe(createHash('sha256').update('SECRET=hunter2\n').digest('hex'));
  record({ sha256: 'of another text', identity: identity() });
  expect(nodes(A, B)).toHaveLength(2);
  write(ENV, 'SECRET=hunter3\n');
  expect(() => nodes(A, B)).toThrow('tsconfig.base.json');
});

it('remembers of such a file which one it was, once another change would be seen', () => {
  record();
  nodes(A, B);
  expect(recorded().texts.map(([, , which]) => which)).toEqual([null, null, null, null]);
  vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ['Date'] });
  nodes(A, B);
  expect(Object.fromEntries(recorded().texts.map(([name, , which]) => [name, which]))).toEqual({ [A]: null, [B]: null, [CODE]: null, [ENV]: identity() });
  expect(recorded().projects).toEqual([base, a, b]);
});

it('forgets an image whose file is gone', () => {
  record({ identity: identity() });
  expect(nodes(B)).toEqual([[B, { projects: { base, 'os-images/b': b } }]]);
  expect(recorded().projects).toEqual([base, b]);
});

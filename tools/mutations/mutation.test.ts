import { fileEntry, type Entry } from '@container-os/cpio';
import { readTree } from '@container-os/cpio/fs';
import { globbySync } from 'globby';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root as workspace } from '../files.ts';
import { mutate, type Edit, type Mutation } from './mutation.ts';

const mutation = (...edits: Edit[]): Mutation => ({ name: 'broken', edits, test: '10-host', caughtBy: 'it is whole' });

function textOf(entries: readonly Entry[], path: string): string {
  const entry = entries.find((one) => one.path === path);
  return entry?.type === 'file' ? Buffer.from(entry.data as Uint8Array).toString('latin1') : 'no file';
}

describe('a mutation', () => {
  const root: Entry[] = [
    fileEntry('bin/run', 'a || b\na || c\n', 0o755),
    fileEntry('config.json', '{"process":{"user":1,"safe":true}}'),
    fileEntry('program', Uint8Array.from([0xff, 0x61, 0x00])),
  ];

  it('replaces a text wherever it stands, and nothing else', () => {
    const broken = mutate(root, mutation({ file: 'bin/run', replace: 'a ||', by: 'a $$ &&' }));
    expect(broken).toEqual([{ ...root[0], data: Buffer.from('a $$ && b\na $$ && c\n') }, root[1], root[2]]);
  });

  it('merges JSON, where null takes a key away', () => {
    expect(JSON.parse(textOf(mutate(root, mutation({ file: 'config.json', merge: { process: { safe: null } } })), 'config.json'))).toEqual({
      process: { user: 1 },
    });
  });

  it('keeps the bytes of a program', () => {
    expect(textOf(mutate(root, mutation({ file: 'program', replace: 'a', by: 'b' })), 'program')).toBe('\xffb\0');
  });

  it.each<[string, Edit]>([
    ['names no file', { file: 'bin/walk', replace: 'a', by: 'b' }],
    ['replaces what is not there', { file: 'bin/run', replace: 'd', by: 'b' }],
    ['merges what is so already', { file: 'config.json', merge: { process: { user: 1 } } }],
  ])('that %s is stale', (_, edit) => {
    expect(() => mutate(root, mutation(edit))).toThrow(expect.objectContaining({ code: 'MUTATION_STALE' }) as Error);
  });
});

describe.each(globbySync('os-images/*/mutations.json', { cwd: workspace }))('%s', (file) => {
  const mutations = JSON.parse(readFileSync(join(workspace, file), 'utf8')) as Mutation[];

  it('has each name once', () => {
    expect(mutations.map(({ name }) => name)).toEqual([...new Set(mutations.map(({ name }) => name))]);
  });

  it('breaks something for each file of self-test.d', () => {
    const tests = globbySync('packages/system/rootfs/usr/lib/container-os/self-test.d/*.sh', { cwd: workspace }).map((path) => basename(path, '.sh'));
    expect([...new Set(mutations.map(({ test }) => test))].sort()).toEqual(tests.sort());
  });

  it('edits the boot scripts as they are', async () => {
    const scripts = await readTree(join(workspace, 'packages/system/rootfs'));
    const paths = new Set(scripts.map(({ path }) => path));
    for (const one of mutations)
      mutate(
        scripts.map((entry) => (entry.type === 'file' ? { ...entry, data: readFileSync(join(workspace, 'packages/system/rootfs', entry.path)) } : entry)),
        { ...one, edits: one.edits.filter((edit) => paths.has(edit.file)) },
      );
  });
});

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DigestMemory } from '../src/hash/memory.ts';
import { digestsOf, OWN, targetInputs } from '../src/hash/target-inputs.ts';
import { readInputs, recordInputs, requireStillUnchanged, versionsOf, writeInputs, type HashedTarget, type RecordedInputs } from '../src/recorded-inputs.ts';
import { readReason, writeReason } from '../src/reason.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recorded-'));
  await file('package.json', '{}');
  await file('packages/x/package.json', JSON.stringify({ executors: './executors.json' }));
  await file('packages/x/executors.json', JSON.stringify({ executors: { x: { implementation: './executor.ts', schema: './schema.json' } } }));
  await file('packages/x/schema.json', '{}');
  await file('packages/x/executor.ts', "import 'ajv';\nexport default new URL('data.txt', import.meta.url);\n");
  await file('packages/x/data.txt');
  await file('packages/x/recipe.json', JSON.stringify({ files: ['tree'], tools: ['make'] }));
  await mkdir(join(root, 'node_modules/@os'), { recursive: true });
  await symlink('../../packages/x', join(root, 'node_modules/@os/x'));
  await file('node_modules/ajv/package.json', JSON.stringify({ name: 'ajv', version: '8.20.0' }));
  await file('os/tree/a', 'a');
});
afterEach(() => rm(root, { recursive: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function file(path: string, text = path): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

/** The target `os:x` as it is hashed now, with further entries in Nx's hash plan. */
function hashed(nodes: Record<string, string> = {}, overrides: object = {}): HashedTarget {
  const options = { cmdline: 'quiet' };
  const inputs = targetInputs({ workspaceRoot: root, root: 'os', executor: '@os/x:x', outputs: ['dist/x'], options }, new DigestMemory(root));
  const own = Object.fromEntries(Object.entries(digestsOf(inputs)).map(([name, digest]) => [`${OWN}${name}`, digest]));
  const plan = { ...nodes, ...own, 'os:x:TargetConfiguration': JSON.stringify(['@os/x:x', options, ['dist/x'], ['y']]) };
  return {
    workspaceRoot: root,
    root: 'os',
    task: { id: 'os:x', overrides, outputs: ['dist/x'], hashDetails: { command: '', nodes: plan } } as unknown as HashedTarget['task'],
  };
}

async function record(target = hashed()): Promise<RecordedInputs> {
  const inputs = await recordInputs(target);
  if (!inputs) throw new Error('nothing was recorded');
  return inputs;
}

it('records each file that the executor reads, code and data and those that options name', async () => {
  await symlink('a', join(root, 'os/tree/link'));
  const { files } = await record();
  expect(files).toMatchObject({
    'os/tree/': 'directory',
    'os/tree/a': sha256('a'),
    'os/tree/link': '-> a',
    'packages/x/data.txt': sha256('packages/x/data.txt'),
  });
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['packages/x/executor.ts', 'packages/x/package.json', 'packages/x/schema.json']));
});

it('records the artifacts of other targets that were hashed, and refuses one that is another by now', async () => {
  await file('dist/os/busybox/layer.cpio');
  const target = hashed({ 'artifact dist/os/busybox/layer.cpio': sha256('dist/os/busybox/layer.cpio') });
  const before = await record(target);
  expect(before.artifacts).toEqual({ 'dist/os/busybox/layer.cpio': sha256('dist/os/busybox/layer.cpio') });
  await file('dist/os/busybox/layer.cpio', 'of another build');
  await expect(record(target)).rejects.toMatchObject({ code: 'INPUT_CHANGED', message: expect.stringContaining('dist/os/busybox/layer.cpio') });
  expect(() => requireStillUnchanged(target, before)).toThrow('dist/os/busybox/layer.cpio');
  await rm(join(root, 'dist'), { recursive: true });
  await expect(record(target)).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
});

it('records tools by what they consist of, npm packages by version, options with their values, and a variable by no value', async () => {
  process.env['SECRET_OF_TEST'] = 'hunter2';
  const inputs = await record(hashed({ 'runtime:echo compiler 1.2': '1', 'env:SECRET_OF_TEST': '3' }, { verbose: true, __overrides_unparsed__: [] }));
  delete process.env['SECRET_OF_TEST'];
  expect(inputs).toMatchObject({
    tools: {
      make: {
        version: expect.stringMatching(/^GNU Make \d/),
        files: { make: expect.stringMatching(/^[0-9a-f]{64}$/), 'libc.so.6': expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    },
    runtime: { 'echo compiler 1.2': 'compiler 1.2' },
    npm: { ajv: '8.20.0' },
    options: { cmdline: 'quiet' },
    arguments: { verbose: true },
    configuration: { executor: '@os/x:x', outputs: ['dist/x'], dependsOn: ['y'] },
  });
  expect(JSON.stringify(inputs)).not.toContain('hunter2');
});

it('has nothing to record outside of Nx, and reads nothing where there is no record, or one of another version', async () => {
  expect(await recordInputs({ ...hashed(), task: { id: 'os:x', overrides: {}, outputs: [] } })).toBeUndefined();
  expect(await readInputs(root)).toBeUndefined();
  await file('inputs.json', '{"files":{}}');
  expect(await readInputs(root)).toBeUndefined();
});

it('refuses what was edited after it was hashed', async () => {
  const target = hashed();
  await file('os/tree/a', 'edited');
  await expect(recordInputs(target)).rejects.toMatchObject({ code: 'INPUT_CHANGED', message: 'os:x: changed while it was built: files' });
});

it('refuses an artifact when a file that it may have read was edited meanwhile, and names that', async () => {
  const target = hashed();
  const inputs = await record(target);
  expect(() => requireStillUnchanged(target, inputs)).not.toThrow();
  await file('packages/x/executor.ts', '// loaded before');
  expect(() => requireStillUnchanged(target, inputs)).toThrow('changed while it was built: packages/x/data.txt');
  await file('packages/x/executor.ts', "import 'ajv';\nexport default new URL('data.txt', import.meta.url); // edited\n");
  expect(() => requireStillUnchanged(target, inputs)).not.toThrow();
  await file('os/tree/b');
  expect(() => requireStillUnchanged(target, inputs)).toThrow('changed while it was built: os/tree/b');
});

it('a reason belongs to the artifact that was built, and to no other', async () => {
  const before = await record();
  await file('os/tree/a', 'edited');
  const now = await record();
  await writeInputs(root, now);
  const log = join(root, 'logs/x.log');
  await writeReason(log, now, before);
  expect(await readReason(log, (await readInputs(root))!)).toEqual([{ kind: 'file', name: 'os/tree/a', change: 'changed' }]);
  expect(await readReason(log, before)).toBeUndefined();
});

it('has the version of each program, for the manifest', async () => {
  expect(versionsOf({ ...(await record()), tools: { make: { version: 'GNU Make 4.3', files: {} }, libc: { version: 'libc', files: {} } } })).toEqual({
    make: 'GNU Make 4.3',
  });
  expect(versionsOf(await record())).toEqual({ make: expect.stringMatching(/^GNU Make \d/) });
  expect(versionsOf(undefined)).toEqual({});
});

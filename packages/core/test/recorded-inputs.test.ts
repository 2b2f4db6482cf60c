import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readInputs, recordInputs, writeInputs, type RecordedInputs } from '../src/recorded-inputs.ts';
import { readReason, writeReason } from '../src/reason.ts';

let root: string;
beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'recorded-')); });
afterEach(() => rm(root, { recursive: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const TARGET = JSON.stringify(['@container-os/x:x', { cmdline: 'quiet' }, ['dist/x'], ['y']]);

async function file(path: string, text = path): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

async function record(nodes: Record<string, string>, overrides: object = {}): Promise<RecordedInputs> {
  const task = { overrides, hashDetails: { command: '', nodes } } as unknown as Parameters<typeof recordInputs>[0]['task'];
  const inputs = await recordInputs({ workspaceRoot: root, task, externalNodes: { 'npm:ajv': { data: { version: '8.20.0' } } } });
  if (!inputs) throw new Error('nothing was recorded');
  return inputs;
}

it('expands globs to files, links by where they lead, and leaves out what git ignores', async () => {
  await file('packages/x/src/a.ts');
  await file('packages/x/src/b.ts');
  await file('packages/x/src/ignored.ts');
  await file('.gitignore', 'ignored.ts\n');
  await symlink('a.ts', join(root, 'packages/x/src/link.ts'));
  const { files } = await record({ 'x:packages/x/src/**/*': '1', 'demo:TargetConfiguration': TARGET });
  expect(files).toEqual({
    'packages/x/src/a.ts': sha256('packages/x/src/a.ts'),
    'packages/x/src/b.ts': sha256('packages/x/src/b.ts'),
    'packages/x/src/link.ts': '-> a.ts',
  });
});

it('hashes the outputs of other targets, and opens nothing that lies beside them', async () => {
  await file('dist/os/busybox/layer.cpio');
  await file('dist/os/busybox/other');
  // A socket cannot be opened, no more than a file that another task is renaming at this moment.
  await mkdir(join(root, 'dist/os/web.partial-1'));
  const beside = createServer().listen(join(root, 'dist/os/web.partial-1/layer.cpio'));
  try {
    const { artifacts } = await record({ '**/layer.cpio:dist/os/busybox': '1' });
    expect(artifacts).toEqual({ 'dist/os/busybox/layer.cpio': sha256('dist/os/busybox/layer.cpio') });
  } finally {
    beside.close();
  }
});

it('records tools by their text, npm packages by version, options with their values, and a variable by no value', async () => {
  process.env['SECRET_OF_TEST'] = 'hunter2';
  const inputs = await record({ 'runtime:echo compiler 1.2': '1', 'npm:ajv': '2', 'env:SECRET_OF_TEST': '3', 'demo:TargetConfiguration': TARGET }, { verbose: true, __overrides_unparsed__: [] });
  delete process.env['SECRET_OF_TEST'];
  expect(inputs).toMatchObject({
    tools: { 'echo compiler 1.2': 'compiler 1.2' }, npm: { ajv: '8.20.0' }, options: { cmdline: 'quiet' }, arguments: { verbose: true },
    configuration: { executor: '@container-os/x:x', outputs: ['dist/x'], dependsOn: ['y'] },
  });
  expect(JSON.stringify(inputs)).not.toContain('hunter2');
});

it('has nothing to record outside of Nx, and reads nothing where there is no record', async () => {
  expect(await recordInputs({ workspaceRoot: root, task: { overrides: {} } })).toBeUndefined();
  expect(await readInputs(root)).toBeUndefined();
});

it('a reason belongs to the artifact that was built, and to no other', async () => {
  await file('a');
  const before = await record({ 'demo:TargetConfiguration': TARGET, 'x:a': '1' });
  await file('a', 'edited');
  const now = await record({ 'demo:TargetConfiguration': TARGET, 'x:a': '2' });
  await writeInputs(root, now);
  const log = join(root, 'logs/x.log');
  await writeReason(log, now, before);
  expect(await readReason(log, (await readInputs(root))!)).toEqual([{ kind: 'file', name: 'a', change: 'changed' }]);
  expect(await readReason(log, before)).toBeUndefined();
});

import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { bytesOf, fileEntry, type Entry } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { readValues } from '../src/contents.ts';
import bundle from '../src/executor.ts';
import { firstId } from '../src/id-range.ts';
import type { OciBundleOptions } from '../src/schema.d.ts';
import { elf } from './elf.ts';
import { installProfile } from './profile.ts';

const workspace = useWorkspace();
const { artifact } = workspace;
const COMPOSE = `services: { web: { image: i } }
secrets:
  db: { file: ./db.txt }
  token: { environment: TOKEN }
  gone: { file: ./gone.txt }
  away: { file: /srv/away.txt }
  unset: { environment: UNSET }
configs:
  app: { content: "port=$\${PORT} \${TOKEN}" }
`;
const place = {
  get workspaceRoot() {
    return workspace.root;
  },
  root: 'os-images/demo',
};

beforeEach(async () => {
  await installProfile(workspace);
  await mkdir(artifact('busybox'), { recursive: true });
  await writeLayer(join(artifact('busybox'), 'layer.cpio'), [fileEntry('bin/sh', elf(), 0o755)]);
  await workspace.write('compose.yaml', COMPOSE);
  await workspace.write('.env', 'TOKEN=s3cr3t-of-env\n');
  await workspace.write('db.txt', 's3cr3t-of-file\n');
});

const SERVICE = {
  command: ['/bin/sh'],
  secrets: [
    { source: 'db', target: '/run/secrets/db' },
    { source: 'token', target: '/etc/token', uid: '1000', gid: '5', mode: '0400' },
    { source: 'prod', target: '/run/secrets/prod', external: true, uid: '7' },
  ],
  configs: [{ source: 'app', target: '/app.ini' }],
};
const CONTENTS = { file: 'compose.yaml', secrets: ['db', 'token'], configs: ['app'] };

const build = (options: Partial<OciBundleOptions> = {}): Promise<boolean> =>
  workspace.run(
    bundle,
    'bundle-web',
    { rootfs: ['busybox'], service: SERVICE, contents: CONTENTS, patches: [], ...options },
    { dependsOn: ['seccomp-profile', 'busybox'] },
  );

const layer = async (): Promise<Map<string, Entry>> =>
  new Map((await readLayer(join(artifact('bundle-web'), 'layer.cpio'))).map((entry) => [entry.path, entry]));
const text = (entry: Entry | undefined): string => (entry?.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : `${entry?.type}`);

it('secrets and configs are files of the bundle with owner and mode, mounted read-only; their mount points are files', async () => {
  expect(await build(), workspace.written).toBe(true);
  const entries = await layer();
  const first = firstId('web');
  expect(text(entries.get('containers/web/files/0'))).toBe('s3cr3t-of-file\n');
  expect(entries.get('containers/web/files/0')).toMatchObject({ mode: 0o444, uid: first, gid: first });
  expect(text(entries.get('containers/web/files/1'))).toBe('s3cr3t-of-env');
  expect(entries.get('containers/web/files/1')).toMatchObject({ mode: 0o400, uid: first + 1000, gid: first + 5 });
  expect(text(entries.get('containers/web/files/3'))).toBe('port=${PORT} s3cr3t-of-env');
  expect(entries.get('containers/web/rootfs/run/secrets/db')).toMatchObject({ type: 'file' });
  expect(entries.get('containers/web/rootfs/app.ini')).toMatchObject({ type: 'file' });
  const { mounts } = JSON.parse(text(entries.get('containers/web/config.json'))) as { mounts: object[] };
  expect(mounts).toContainEqual({
    destination: '/etc/token',
    type: 'bind',
    source: '/containers/web/files/1',
    options: ['bind', 'ro', 'nosuid', 'nodev'],
  });
});

it('an external secret is no file of the bundle: the OS puts it into memory, with ids of the OS', async () => {
  expect(await build(), workspace.written).toBe(true);
  const entries = await layer();
  expect(entries.has('containers/web/files/2')).toBe(false);
  expect(text(entries.get('containers/web/service'))).toContain(`files='2:secrets/prod:${firstId('web') + 7}:${firstId('web')}:444'\n`);
  const { mounts } = JSON.parse(text(entries.get('containers/web/config.json'))) as { mounts: object[] };
  expect(mounts).toContainEqual(expect.objectContaining({ destination: '/run/secrets/prod', source: '/run/container-os/containers/web/files/2' }));
});

it('the log has the names of secrets; nothing but the layer has a value', async () => {
  expect(await build(), workspace.written).toBe(true);
  expect(workspace.written).toContain('SECRET_IN_IMAGE: the image and every cache that has it hold the values of secrets.db, secrets.token');
  const rest = [workspace.written, JSON.stringify(await readManifest(artifact('bundle-web'))), text((await layer()).get('containers/web/definition.json'))];
  expect(rest.join('')).not.toContain('s3cr3t');
  expect(await readFile(join(artifact('bundle-web'), 'layer.cpio'), 'utf8')).toContain('s3cr3t');
});

it('what the hasher reads changes with the value of each', async () => {
  const before = readValues({ contents: CONTENTS }, place);
  expect(Object.keys(before)).toEqual(['secrets=db', 'secrets=token', 'configs=app']);
  await workspace.write('db.txt', 'S3cr3t-of-file\n');
  expect({ ...readValues({ contents: CONTENTS }, place), 'secrets=db': before['secrets=db'] }).toEqual(before);
  expect(readValues({ contents: CONTENTS }, place)).not.toEqual(before);
  await workspace.write('.env', 'TOKEN=S3cr3t-of-env\n');
  const after = readValues({ contents: CONTENTS }, place);
  expect(Object.keys(before).filter((name) => after[name] === before[name])).toEqual([]);
});

it.each([
  ['gone', 'os-images/demo/compose.yaml:5:17: secrets.gone.file: os-images/demo/gone.txt is not there'],
  ['away', 'os-images/demo/compose.yaml:6:17: secrets.away.file: /srv/away.txt is outside of the workspace'],
  ['unset', 'os-images/demo/compose.yaml:7:25: secrets.unset.environment: the variable UNSET has no value'],
])('refuses a secret without content, with its place: %s', (name, message) => {
  expect(() => readValues({ contents: { file: 'compose.yaml', secrets: [name] } }, place)).toThrow(message);
});

it('the log has the names of secret variables, not of a port or a host', async () => {
  const variables = { HOST: '0.0.0.0', PORT: '80', TOKEN: 'a', DB: 'postgres://app:s3cr3t@db' };
  await workspace.write('compose.yaml', COMPOSE.replace('image: i', `image: i, environment: ${JSON.stringify(variables)}`));
  const environment = { file: 'compose.yaml', service: 'web', variables: Object.keys(variables) };
  expect(await build({ environment }), workspace.written).toBe(true);
  expect(workspace.written).toMatch(/^.*SECRET_IN_IMAGE: .* hold the values of TOKEN, DB, secrets.db, secrets.token$/m);
});

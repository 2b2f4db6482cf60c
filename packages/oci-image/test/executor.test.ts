import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readImageReceipt } from '../src/index.ts';
import ociImages from '../src/oci-images/executor.ts';
import ociImagesSchema from '../src/oci-images/schema.json' with { type: 'json' };
import updateImages from '../src/update-images/executor.ts';
import updateImagesSchema from '../src/update-images/schema.json' with { type: 'json' };
import type { OciImagesOptions } from '../src/oci-images/schema.d.ts';
import type { UpdateImagesOptions } from '../src/update-images/schema.d.ts';
import { imageOf } from './fixtures/image.ts';
import { TestRegistry } from './fixtures/registry.ts';

const workspace = useWorkspace();
let registry: TestRegistry;

beforeEach(async () => {
  registry = await TestRegistry.start();
  registry.push('web', '1', imageOf());
  registry.push('db', '1', imageOf({ config: { Cmd: ['/db'] } }));
});
afterEach(() => registry.close());

const images = (): Record<string, string> => ({ web: `${registry.host}/web:1`, db: `${registry.host}/db:1` });
const lockFile = (): string => join(workspace.root, 'os-images/demo/images.lock.json');
const receipt = (service: string): string => join(workspace.artifact('oci-images'), `${service}.json`);
const pull = (options: Partial<OciImagesOptions> = {}) =>
  workspace.run(ociImages, 'oci-images', resolveOptions<OciImagesOptions>(ociImagesSchema, { images: images(), ...options }));
const update = (options: Partial<UpdateImagesOptions> = {}) =>
  workspace.run(updateImages, 'update-sources', resolveOptions<UpdateImagesOptions>(updateImagesSchema, { images: images(), ...options }));

beforeEach(() => workspace.write('compose.yaml', ''));

describe('oci-images', () => {
  it('writes a receipt per service, the same bytes each time, and brings the layers into the store', async () => {
    expect(await pull()).toBe(true);
    const first = readFileSync(receipt('web'), 'utf8');
    const { reference, layers } = await readImageReceipt(receipt('web'));
    expect(reference).toBe(`${registry.host}/web:1`);
    expect(await readImageReceipt(receipt('db'))).toMatchObject({ config: { Cmd: ['/db'] } });
    expect(existsSync(join(workspace.cache, 'store/sha256', layers[0]!.diffId.slice(7)))).toBe(true);
    expect(await pull()).toBe(true);
    expect(readFileSync(receipt('web'), 'utf8')).toBe(first);
  });

  it('leaves the lock file alone, and takes what it has', async () => {
    expect(await pull()).toBe(true);
    expect(existsSync(lockFile())).toBe(false);
    expect(workspace.written).toContain('web:1 is not locked: its tag names sha256:');
    expect(workspace.written).toContain('npx nx run demo:update-sources');
    await update();
    const lock = readFileSync(lockFile(), 'utf8');
    registry.push('web', '1', imageOf({ config: { Cmd: ['/new'] } }));
    expect(await pull({ frozen: true })).toBe(true);
    expect(await readImageReceipt(receipt('web'))).toMatchObject({ locked: true, config: { Cmd: ['/hello'] } });
    expect(readFileSync(lockFile(), 'utf8')).toBe(lock);
  });

  it('frozen refuses a tag that is not locked, and leaves no artifact', async () => {
    expect(await pull({ frozen: true })).toBe(false);
    expect(workspace.written).toContain('IMAGE_NOT_LOCKED');
    expect(existsSync(workspace.artifact('oci-images'))).toBe(false);
  });

  it('refuses an image above maxBytes', async () => {
    expect(await pull({ maxBytes: 1000 })).toBe(false);
    expect(workspace.written).toContain('LAYER_TOO_LARGE');
    expect(await pull()).toBe(true);
    expect(await pull({ maxBytes: 1000 })).toBe(false);
    expect(workspace.written).toContain('IMAGE_TOO_LARGE');
  });

  it('names the service, and the line of the file, of an image that is not there', async () => {
    const none = `${registry.host}/none:1`;
    await workspace.write('compose.yaml', `services:\n  web: { image: "${none}" }\n`);
    expect(await pull({ images: { web: none } })).toBe(false);
    expect(workspace.written).toMatch(/^[A-Z_]+: os-images\/demo\/compose\.yaml:2:18: services\.web: .*none/m);
    expect(workspace.written).toMatch(/\n {2}hint: {2}\S/);
  });

  it('reads local images that the hash has, and no others', async () => {
    expect(await pull({ images: { web: 'oci:./layout' }, local: ['./layout'] })).toBe(false);
    expect(workspace.written).toContain('LAYOUT_INVALID');
    expect(await pull({ images: { web: 'oci:./layout' } })).toBe(false);
    expect(workspace.written).toContain('which the "files" of its recipe.json do not name');
  });

  it('a lock file that is none is refused', async () => {
    writeFileSync(lockFile(), `{ "${registry.host}/web:1": {} }`);
    expect(await pull()).toBe(false);
    expect(workspace.written).toMatch(/DIGEST_INVALID: .*images\.lock\.json: 127/);
  });
});

describe('update-images', () => {
  it('locks what tags name now, in one rename, and shows the difference', async () => {
    const [first, second] = [imageOf(), imageOf({ config: { Cmd: ['/new'] } })];
    expect(await update()).toBe(true);
    registry.push('web', '1', second);
    expect(await update()).toBe(true);
    expect(workspace.written).toContain(`${registry.host}/web:1\n  - ${first.manifest.digest}\n  + ${second.manifest.digest}\nwritten to ${lockFile()}\n`);
    expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ [`${registry.host}/web:1`]: { digest: second.manifest.digest } });
    expect(readdirSync(join(workspace.root, 'os-images/demo'))).toEqual(['compose.yaml', 'images.lock.json']);
    expect(await update()).toBe(true);
    expect(workspace.written).toContain('up to date');
  });

  it('removes what no service names, and keeps the file when an image cannot be had', async () => {
    await update();
    const before = readFileSync(lockFile(), 'utf8');
    expect(await update({ images: { web: `${registry.host}/web:2` } })).toBe(false);
    expect(readFileSync(lockFile(), 'utf8')).toBe(before);
    expect(await update({ images: { web: images()['web']! } })).toBe(true);
    expect(Object.keys(JSON.parse(readFileSync(lockFile(), 'utf8')) as object)).toEqual([images()['web']]);
  });

  it('locks nothing that is pinned or local', async () => {
    expect(await update({ images: { web: `${registry.host}/web@${imageOf().manifest.digest}`, db: 'oci:./layout' } })).toBe(true);
    expect(existsSync(lockFile())).toBe(false);
  });
});

// Makes a container of an OCI image, or the squashfs of it, without Nx: for measurements of memory and time.
//   node --import @swc-node/register/esm-register packages/rootfs/test/memory.ts make many|one|entries DIRECTORY
//   node --import @swc-node/register/esm-register packages/rootfs/test/memory.ts bundle|build DIRECTORY
// `many`: 1 GB in 20,000 files; `one`: 1 GB in a file; `entries`: 200,000 files of 1 to 2 kB.
import { directoryEntry, fileEntry, type Entry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { flatten, placeRoot, writeRoot } from '@container-os/oci-image';
import { TarStream } from '@container-os/oci-image/tar';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import rootfs from '../src/executor.ts';

const KINDS: Record<string, [files: number, bytes: number]> = { many: [20_000, 66_000], one: [1, 1_000_000_000], entries: [200_000, 2000] };
const [, , action, ...rest] = process.argv;
const directory = rest.at(-1) ?? '';
const artifact = (name: string): string => join(directory, 'dist/os-images/demo', name);
process.env['CONTAINER_OS_CACHE'] = join(directory, 'cache');

async function* entries(files: number, bytes: number): AsyncGenerator<Entry> {
  // Half of it compresses well.
  const text = Buffer.alloc(500_000, 'the quick brown fox jumps over the lazy dog, ');
  yield directoryEntry('srv');
  for (let index = 0; index < files; index++) {
    if (index % 1000 === 0) yield directoryEntry(`srv/${index / 1000}`);
    const parts: Buffer[] = [];
    // mksquashfs compares files of one size with one another.
    for (let left = bytes - ((index * 7919) % (bytes / 2)); left > 0; left -= 1_000_000) {
      const size = Math.min(left, 1_000_000);
      parts.push(randomBytes(Math.ceil(size / 2)), text.subarray(0, Math.floor(size / 2)));
    }
    yield fileEntry(`srv/${Math.floor(index / 1000)}/a-file-with-a-name-${index}`, Buffer.concat(parts));
  }
}

async function make(kind: string): Promise<void> {
  const [files, bytes] = KINDS[kind] ?? [0, 0];
  const blobs = join(directory, 'layout/blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const [partial, sum] = [join(blobs, 'partial'), createHash('sha256')];
  let size = 0;
  await pipeline(
    new TarStream([entries(files, bytes)]),
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        sum.update(piece);
        size += piece.length;
        yield piece;
      }
    },
    createWriteStream(partial),
  );
  const put = async (content: object): Promise<{ digest: string; size: number }> => {
    const text = JSON.stringify(content);
    const hex = createHash('sha256').update(text).digest('hex');
    await writeFile(join(blobs, hex), text);
    return { digest: `sha256:${hex}`, size: text.length };
  };
  const hex = sum.digest('hex');
  await rename(partial, join(blobs, hex));
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hex}`, size, diffId: `sha256:${hex}` };
  const config = await put({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [layer.diffId] }, config: {} });
  const manifest = await put({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: layer.mediaType, digest: layer.digest, size }],
  });
  await writeFile(join(directory, 'layout/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  const index = { schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest, annotations }] };
  await writeFile(join(directory, 'layout/index.json'), JSON.stringify(index));
  await writeFile(join(directory, 'layer.json'), JSON.stringify(layer));
}

async function bundle(): Promise<void> {
  const layer = JSON.parse(await readFile(join(directory, 'layer.json'), 'utf8')) as { mediaType: string; digest: string; size: number; diffId: string };
  const path = join(directory, 'layout/blobs/sha256', layer.digest.slice(7));
  await mkdir(artifact('bundle-web'), { recursive: true });
  await writeLayer(join(artifact('bundle-web'), 'layer.cpio'), [fileEntry('sbin/init', '#!/bin/sh\n', 0o755), fileEntry('containers/web/config.json', '{}')]);
  const root = await flatten([{ path, diffId: layer.diffId }]);
  const header = { container: 'web', layers: [layer], origin: { layout: 'layout' } };
  await writeRoot(join(artifact('bundle-web'), 'root.ndjson'), header, placeRoot(root, { below: 'containers/web/rootfs', firstId: 2e9, ids: 65_536 }));
}

async function build(): Promise<void> {
  const target = { executor: 'rootfs', outputs: ['{workspaceRoot}/dist/{projectRoot}/rootfs'], dependsOn: ['bundle-web'] };
  const tasks = {
    'demo:bundle-web': { id: 'demo:bundle-web', target: { project: 'demo', target: 'bundle-web' }, overrides: {}, outputs: [], parallelism: true, cache: true },
  };
  const result = await rootfs(
    { layers: ['bundle-web'], compression: 'lz4', overrides: {} },
    {
      root: directory,
      cwd: directory,
      isVerbose: false,
      projectName: 'demo',
      targetName: 'rootfs',
      target,
      projectsConfigurations: { version: 2, projects: { demo: { root: 'os-images/demo', targets: { rootfs: target } } } },
      nxJsonConfiguration: {},
      projectGraph: { nodes: {}, dependencies: {} },
      taskGraph: { roots: [], tasks, dependencies: { 'demo:rootfs': ['demo:bundle-web'] }, continuousDependencies: {} },
    },
  );
  if (!result.success) process.exitCode = 1;
}

if (action === 'make') await make(rest[0] ?? '');
else if (action === 'bundle') await bundle();
else await build();
console.error(`${action}: this process took at most ${Math.round(process.resourceUsage().maxRSS / 1000)} MB`);

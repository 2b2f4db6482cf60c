// Builds by buildah, FROM images of a real registry. tools/oci-images/registry.sh run gives both: npm run e2e:oci.
import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import build from '../../src/oci-build/executor.ts';
import schema from '../../src/oci-build/schema.json' with { type: 'json' };
import type { OciBuildOptions } from '../../src/oci-build/schema.d.ts';
import { hashedInputs } from '../../src/oci-build/inputs.ts';
import type { ImageReceipt } from '../../src/receipt.ts';

const workspace = useWorkspace();
const registry = process.env['TEST_REGISTRY'] ?? '';
const debian = `${registry}/library/debian:1`;
const digestOf = (image: string): string => execFileSync('crane', ['digest', '--insecure', image], { encoding: 'utf8' }).trim();
const lock = (images: Record<string, string>): Promise<void> =>
  workspace.write('images.lock.json', JSON.stringify(Object.fromEntries(Object.entries(images).map(([name, digest]) => [name, { digest }]))));
const run = (args: Record<string, string> = {}): Promise<boolean> =>
  workspace.run(build, 'build-web', resolveOptions<OciBuildOptions>(schema, { context: '.', args }));
const receipt = (): ImageReceipt => JSON.parse(readFileSync(join(workspace.artifact('build-web'), 'image.json'), 'utf8')) as ImageReceipt;
const layout = (): string => join(workspace.root, (receipt().origin as { layout: string }).layout);
const listing = (): string[] => {
  const tars = receipt().layers.map(({ digest }) => join(layout(), 'blobs/sha256', digest.slice('sha256:'.length)));
  return tars.flatMap((tar) => execFileSync('bsdtar', ['-tf', tar], { encoding: 'utf8' }).split('\n')).filter(Boolean);
};

beforeEach(async () => {
  expect(registry, 'start the test by npm run e2e:oci').not.toBe('');
  await lock({ [debian]: digestOf(debian) });
});

const dockerfile = (): string => `ARG BASE=library/debian:1
FROM ${registry}/$BASE AS made
ARG WORD
RUN echo "$WORD" >/made && env | sort >/environment && readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/mnt >/namespaces
FROM ${registry}/library/debian@${digestOf(debian)}
COPY . /app
COPY --from=made /made /environment /namespaces /
USER 1000:1000
HEALTHCHECK --interval=7s CMD test -e /made
VOLUME /data
STOPSIGNAL SIGUSR1
CMD ["cat", "/made"]
`;

it('makes an OCI layout and a receipt that has all of the configuration, of the context as .dockerignore leaves it', async () => {
  await workspace.write('Dockerfile', dockerfile());
  await workspace.write('.dockerignore', 'secret*\n');
  await workspace.write('secret.txt', 'no');
  await workspace.write('app.txt', 'yes');
  vi.stubEnv('SSH_AUTH_SOCK', '/run/agent');
  vi.stubEnv('no_proxy', '127.0.0.1');
  vi.stubEnv('http_proxy', 'http://user:password@127.0.0.1:1');
  const isBuilt = await run({ WORD: 'made here' });
  expect(isBuilt, workspace.written).toBe(true);
  const { config, origin, platform, layers, locked } = receipt();
  expect({ origin, platform, locked }).toEqual({ origin: { layout: 'dist/os-images/demo/build-web/layout' }, platform: 'linux/amd64', locked: true });
  expect(config).toMatchObject({
    User: '1000:1000',
    Cmd: ['cat', '/made'],
    Volumes: { '/data': {} },
    StopSignal: 'SIGUSR1',
    Healthcheck: { Test: ['CMD-SHELL', 'test -e /made'], Interval: 7e9 },
  });
  const files = listing();
  expect(files).toEqual(expect.arrayContaining(['app/app.txt', 'made', 'environment']));
  expect(files).not.toContain('app/secret.txt');
  const own = join(layout(), 'blobs/sha256', (layers.at(-1)?.digest ?? '').slice(7));
  const environment = execFileSync('bsdtar', ['-xOf', own, 'environment'], { encoding: 'utf8' });
  expect(environment).not.toMatch(/agent|password/);
  const namespaces = execFileSync('bsdtar', ['-xOf', own, 'namespaces'], { encoding: 'utf8' }).trim().split('\n');
  expect(namespaces).toHaveLength(3);
  for (const kind of ['net', 'pid', 'mnt']) expect(namespaces).not.toContain(readlinkSync(`/proc/self/ns/${kind}`));
  // Skopeo reads the layout.
  execFileSync('skopeo', ['inspect', `oci:${layout()}`]);
});

it('an image that images.lock.json does not have is refused, with the command that locks it', async () => {
  await workspace.write('Dockerfile', `FROM ${registry}/library/nginx:1\n`);
  expect(await run()).toBe(false);
  expect(workspace.written).toMatch(/IMAGE_NOT_LOCKED: .*library\/nginx:1/);
  expect(workspace.written).toContain('npx nx run demo:update-sources');
  expect(existsSync(workspace.artifact('build-web'))).toBe(false);
});

it('a RUN that fails ends the build with its output, and nothing is left', async () => {
  await workspace.write('Dockerfile', `FROM ${debian}\nRUN echo "why it failed" >&2; exit 3\n`);
  expect(await run()).toBe(false);
  expect(workspace.written).toContain('why it failed');
  expect(existsSync(workspace.artifact('build-web'))).toBe(false);
});

it('the hash has the Dockerfile, the context and the digest of each FROM, and not what .dockerignore excludes', async () => {
  const inputs = (): Record<string, string> =>
    hashedInputs({ context: '.', dockerfile: 'Dockerfile', args: {} }, { workspaceRoot: workspace.root, root: 'os-images/demo' });
  await workspace.write('Dockerfile', `FROM ${debian}\nCOPY a /\n`);
  await workspace.write('.dockerignore', 'images.lock.json\nsecret*\nDockerfile\n');
  await workspace.write('a', '1');
  const first = inputs();
  expect(first[`image ${debian}`]).toMatch(/^sha256:/);
  await workspace.write('secret.txt', 'other');
  expect(inputs()).toEqual(first);
  await workspace.write('a', '2');
  expect(inputs()).not.toEqual(first);
  await workspace.write('a', '1');
  await lock({ [debian]: `sha256:${'0'.repeat(64)}` });
  expect(inputs()).toEqual({ ...first, [`image ${debian}`]: `sha256:${'0'.repeat(64)}` });
});

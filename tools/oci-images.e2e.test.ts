// An OS of images of a real registry: nginx, PostgreSQL, Redis and Node of Debian, and a static program on nothing. It is built, booted, asked, and built
// again after a tag has moved. Another OS has an image for each trait that real ones have, a third one an image that buildah makes of a project of the
// workspace. npm run e2e:oci starts it, with the registry of tools/oci-images/registry.sh.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { booted as bootedMachine, eventually, http as get, portsFor, tcp as send, type Guest } from './oci-images/guest.ts';
import { startupMessage } from './oci-images/postgres.ts';
import { TRAITS } from './oci-images/traits.ts';
import { ociWorkspace, type NxRun, type OciWorkspace } from './oci-images/workspace.ts';

const registry = process.env['TEST_REGISTRY'] ?? '';
const image = (name: string): string => `${registry}/${name}`;
const COMPOSE = `name: stack
services:
  web: { image: "${image('library/nginx:1')}", ports: ["8080:80"] }
  db:
    image: "${image('library/postgres:15')}"
    environment: { POSTGRES_PASSWORD: not-a-secret }
    volumes: ["db:/var/lib/postgresql/data"]
    ports: ["5432:5432"]
  cache: { image: "${image('library/redis:7')}", ports: ["6379:6379"] }
  api: { image: "${image('services/hello:1')}", ports: ["3000:3000"] }
  bare: { image: "${image('traits/bare:1')}", ports: ["8081:8080"] }
volumes: { db: }
x-os: {}
`;
const traits = new Map(Object.keys(TRAITS).map((name, index) => [name, 9100 + index]));
const TRAITS_COMPOSE = `name: traits
services:
${[...traits].map(([name, port]) => `  ${name}: { image: "${image(`traits/${name}:1`)}", ports: ["${port}:8080"] }`).join('\n')}
x-os: { console: { shell: true } }
`;
const BEYOND_COMPOSE = `services: { owner: { image: "${image('traits/owner-beyond:1')}" } }
x-os: {}
`;
/** Its image is built from a project of the workspace, whose target `build` makes what COPY takes. */
const BUILT_COMPOSE = `services: { app: { build: ../../apps/greeter, x-os: { build: buildah }, command: [/bin/cat, /app/greeting] } }
x-os: {}
`;
const FROM = image('projects/base:1');
/** No run before has put it into the cache, which clones share. */
const GREETING = randomUUID();
const GREETER = {
  'project.json': JSON.stringify({
    name: 'greeter',
    targets: {
      build: {
        ...{ executor: 'nx:run-commands', cache: true, inputs: ['{projectRoot}/src/**/*'], outputs: ['{projectRoot}/out'] },
        options: { cwd: '{projectRoot}', command: 'mkdir -p out && cp src/greeting out/greeting' },
      },
    },
  }),
  Dockerfile: `FROM ${FROM}\nCOPY out /app\n`,
  '.dockerignore': 'src\nproject.json\n',
  'src/greeting': GREETING,
};
/** On this machine, by port of the guest. */
const ports = portsFor([8080, 5432, 6379, 3000, 8081, ...traits.values()]);
const http = (port: number, path?: string): Promise<string> => get(ports.get(port), path);
const tcp = (port: number, request: string | Buffer, enough: RegExp): Promise<string> => send(ports.get(port), request, enough);

const crane = (...args: string[]): string => execFileSync('crane', [...args, '--insecure'], { encoding: 'utf8' });

let workspace: OciWorkspace;
const nx = (...args: Parameters<OciWorkspace['nx']>): Promise<NxRun> => workspace.nx(...args);
const artifact = (path: string, os = 'stack'): string => workspace.artifact(os, path);
const lockFile = (): string => join(workspace.directory, 'os-images/stack/images.lock.json');
const lock = (): Record<string, { digest: string }> => JSON.parse(readFileSync(lockFile(), 'utf8')) as Record<string, { digest: string }>;

beforeAll(() => {
  expect(registry, 'start the test by npm run e2e:oci').not.toBe('');
  workspace = ociWorkspace(image);
  for (const [os, compose] of Object.entries({ stack: COMPOSE, traits: TRAITS_COMPOSE, beyond: BEYOND_COMPOSE, built: BUILT_COMPOSE }))
    workspace.add(os, { 'compose.yaml': compose });
  for (const [file, text] of Object.entries(GREETER)) writeGreeter(file, text);
});
afterAll(() => workspace.remove());

// The time is for a machine whose cache lacks the base.
it('locks what the tags name, and builds an ISO of that', { timeout: 1_200_000 }, async () => {
  const locked = await nx('stack:update-sources');
  expect(locked.exitCode, locked.output).toBe(0);
  expect(lock()[image('library/nginx:1')]?.digest).toBe(crane('digest', image('library/nginx:1')).trim());
  const began = performance.now();
  const built = await nx('stack:iso');
  expect(built.exitCode, built.output).toBe(0);
  expect(built.built).toEqual(expect.arrayContaining(['bundle-api', 'bundle-bare', 'bundle-cache', 'bundle-db', 'bundle-web', 'iso', 'oci-images', 'rootfs']));
  console.log(`the ISO of five images: ${statSync(artifact('stack.iso')).size} bytes, ${seconds(began)} s`);
});

it('each service answers when it is booted', async () => {
  await booted('stack', [8080, 5432, 6379, 3000, 8081], async () => {
    const answers = {
      web: await eventually(() => http(8080)),
      api: await eventually(() => http(3000)),
      bare: await eventually(() => http(8081)),
      cache: await eventually(() => tcp(6379, 'SET greeting hello\r\nGET greeting\r\n', /hello/)),
      // The server asks for a password.
      db: await eventually(() => tcp(5432, startupMessage('postgres'), /SCRAM-SHA-256/)),
    };
    expect(answers.web).toContain('Welcome to nginx');
    expect(answers.api).toMatch(/^hello from node v\d+\.\d+\.\d+ as 1000 in \/app on /);
    expect(answers.bare).toContain('arguments: /answer\n');
    expect(answers.cache).toContain('+OK\r\n$5\r\nhello');
    expect(answers.db).toMatch(/^R/);
  });
});

it('each trait of an image holds in the container', { timeout: 600_000 }, async () => {
  const built = await nx('traits:iso', { CI: '' });
  expect(built.exitCode, built.output).toBe(0);
  await booted('traits', [...traits.values()], async (guest) => {
    for (const [name, port] of traits) {
      for (const [path, lines] of Object.entries(TRAITS[name] ?? {})) {
        const answer = (await eventually(() => http(port, path))).split('\n');
        for (const line of lines) expect.soft(answer, `${name}${path}`).toContainEqual(typeof line === 'string' ? line : expect.stringMatching(line));
      }
    }
    const state = '/run/container-os/containers/traits-health-1/health';
    const stopped = ['stop-signal', 'user-name'].map((service) => `traits-${service}-1`);
    const say = stopped.map((name) => `/usr/lib/container-os/stop-container ${name}; tail -n 1 /run/log/containers/${name}/current`);
    guest.type(`echo health: $(cat ${state})\n${say.join('\n')}`);
    await eventually(() => (/ended by SIGTERM/.test(guest.said()) ? Promise.resolve('') : Promise.reject(new Error('the container has not ended by SIGTERM'))));
    expect(guest.said()).toMatch(/^health: healthy/m);
    expect(guest.said()).toMatch(/ended by SIGUSR1.*ended by SIGTERM/s);
  });
});

it('an owner that no container has is refused by name', async () => {
  const refused = await nx('beyond:bundle-owner', { CI: '' });
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toContain('IMAGE_OWNER_OUT_OF_RANGE: "owned/beyond" belongs to 65536:100000; a container has the ids 0 to 65535');
});

it('a tag that moves changes nothing until the lock file follows it, and then one bundle', { timeout: 900_000 }, async () => {
  const before = lock();
  const nginx = image('library/nginx:1');
  crane('mutate', nginx, '--label', 'moved=yes', '--tag', nginx);
  expect(crane('digest', nginx).trim()).not.toBe(before[nginx]?.digest);
  expect(await nx('stack:iso')).toMatchObject({ exitCode: 0, built: [] });

  const update = await nx('stack:update-sources');
  expect(update.output).toContain(before[nginx]?.digest);
  expect(update.output).toContain(crane('digest', nginx).trim());
  const { [nginx]: moved, ...others } = lock();
  expect({ ...others, [nginx]: before[nginx] }).toEqual(before);
  expect(moved?.digest).toBe(crane('digest', nginx).trim());
  const began = performance.now();
  const built = await nx('stack:iso');
  expect(built.exitCode, built.output).toBe(0);
  // Of the five bundles, that of the image alone; a label changes no file of its root, but its receipt.
  expect(built.built.filter((target) => target.startsWith('bundle-'))).toEqual(['bundle-web']);
  expect(built.built).toContain('oci-images');
  console.log(`an ISO after a new digest of one of five images: ${seconds(began)} s, ${built.built.join(', ')}`);
});

it('is built again from the store without network', async () => {
  const offline = { CONTAINER_OS_OFFLINE: '1' };
  const pulled = await nx('stack:oci-images', offline, '--skip-nx-cache');
  expect(pulled.exitCode, pulled.output).toBe(0);
  expect(pulled.output).not.toMatch(/fetched/);
  const before = readFileSync(artifact('rootfs/rootfs.squashfs'));
  const built = await nx('stack:rootfs', offline, '--skip-nx-cache', '--exclude-task-dependencies');
  expect(built.exitCode, built.output).toBe(0);
  expect(readFileSync(artifact('rootfs/rootfs.squashfs')).equals(before)).toBe(true);
});

it('a tag that is not locked is refused where frozen is set, and told with its digest elsewhere', async () => {
  const file = lockFile();
  const text = readFileSync(file, 'utf8');
  const { [image('services/hello:1')]: hello, ...others } = lock();
  writeFileSync(file, JSON.stringify(others));
  const refused = await nx('stack:oci-images', {}, '--frozen');
  expect(refused.output).toMatch(/IMAGE_NOT_LOCKED.*services\/hello:1/s);
  const told = await nx('stack:oci-images', { CI: '' });
  expect(told.output).toContain(hello?.digest);
  expect(told.output).toContain('nx run stack:update-sources');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(others);
  writeFileSync(file, text);
});

it('a project is built before its image, which other bytes of the project or a new digest of FROM make anew', { timeout: 600_000 }, async () => {
  crane('copy', image('library/debian:1'), FROM);
  expect(await nx('built:update-sources')).toMatchObject({ exitCode: 0 });
  const built = async (): Promise<string[]> => {
    const { exitCode, output, built: targets } = await nx('built:bundle-app');
    expect(exitCode, output).toBe(0);
    return targets.filter((target) => ['build', 'build-app', 'bundle-app'].includes(target));
  };
  expect(await built()).toEqual(['build', 'build-app', 'bundle-app']);
  expect(greeting()).toBe(GREETING);
  writeGreeter('src/greeting', `other ${GREETING}`);
  expect(await built()).toEqual(['build', 'build-app', 'bundle-app']);
  expect(greeting()).toBe(`other ${GREETING}`);

  crane('mutate', FROM, '--label', 'moved=yes', '--tag', FROM);
  expect(await built()).toEqual([]);
  expect(await nx('built:update-sources')).toMatchObject({ exitCode: 0 });
  expect(await built()).toEqual(['build-app', 'bundle-app']);
});

function writeGreeter(file: string, text: string): void {
  const path = join(workspace.directory, 'apps/greeter', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What COPY took into the last layer of the image. */
function greeting(): string {
  const { layers } = JSON.parse(readFileSync(artifact('build-app/image.json', 'built'), 'utf8')) as { layers: { digest: string }[] };
  const tar = artifact(`build-app/layout/blobs/sha256/${layers.at(-1)?.digest.slice('sha256:'.length)}`, 'built');
  return execFileSync('bsdtar', ['-xOf', tar, 'app/greeting'], { encoding: 'utf8' });
}

function booted(os: string, guestPorts: readonly number[], test: (guest: Guest) => Promise<void>): Promise<void> {
  const iso = artifact(`${os}.iso`, os);
  return bootedMachine({ iso, disk: join(workspace.cache, 'data.img'), ports: new Map([...ports].filter(([port]) => guestPorts.includes(port))) }, test);
}

const seconds = (began: number): string => ((performance.now() - began) / 1000).toFixed(1);

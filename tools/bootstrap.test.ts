import { execa } from 'execa';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const NOBODY = 65534;
let root: string;
let bin: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  bin = join(root, 'bin');
  for (const directory of ['bin', 'tools', 'packages/core', 'node_modules']) mkdirSync(join(root, directory), { recursive: true });
  chmodSync(root, 0o755);
  for (const file of ['bootstrap.mjs', 'host-tools.mjs']) cpSync(join(import.meta.dirname, file), join(root, 'tools', file));
  write('packages/core/tools.json', { bison: { deb: 'bison' }, flex: { deb: 'flex' }, ccache: {} });
  recipe('bison', 'flex', 'ccache?');
  write('package-lock.json', { packages: { '': {}, 'packages/kernel': {}, 'node_modules/vitest': { version: '4.1.12', integrity: 'sha512-a' } } });
  write('node_modules/.package-lock.json', { packages: { 'node_modules/vitest': { version: '4.1.12', integrity: 'sha512-a' } } });
  write('node_modules/vitest/package.json', { version: '4.1.12' });
  for (const name of ['bison', 'flex']) program(name);
});

afterEach(() => rmSync(root, { recursive: true }));

/** What the one plugin of the workspace calls. */
function recipe(...tools: string[]): void {
  write('packages/kernel/src/kernel/recipe.json', { tools });
}

function write(file: string, content: unknown): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), JSON.stringify(content));
}

const VITEST = { version: '4.1.12', integrity: 'sha512-a' };
/** An optional package with a program for this machine. */
const PLATFORM = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch], libc: ['glibc'], engines: { node: '^3.1 || >= 10' } };

/** A package more in the lock. */
function lockWith(name: string, entry: object): void {
  write('package-lock.json', { packages: { '': {}, 'node_modules/vitest': VITEST, [`node_modules/${name}`]: entry } });
}

/** Puts a program on the only PATH there is; it notes its call in `calls` and then does `work`. */
function program(name: string, work = ''): void {
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>${root}/calls\n${work}\n`, { mode: 0o755 });
}

function remove(...names: string[]): void {
  for (const name of names) rmSync(join(bin, name));
}

/** An npm that installs what package-lock.json has, or its own lock alone. */
function npm({ packages = true } = {}): void {
  const work = `const fs = require('node:fs');
const lock = fs.readFileSync('package-lock.json', 'utf8');
const write = (file, text) => (fs.mkdirSync(file.replace(/[^/]*$/, ''), { recursive: true }), fs.writeFileSync(file, text));
write('node_modules/.package-lock.json', lock);
if (${packages}) for (const [path, entry] of Object.entries(JSON.parse(lock).packages)) {
  if (!path.startsWith('node_modules/')) continue;
  fs.rmSync(path, { recursive: true, force: true });
  if (entry.link) fs.mkdirSync(path.replace(/[^/]*$/, ''), { recursive: true }), fs.symlinkSync('../../' + entry.resolved, path);
  else write(path + '/package.json', JSON.stringify({ version: entry.version }));
  for (const name of Object.keys(entry.bin ?? {})) write('node_modules/.bin/' + name, '');
}`;
  writeFileSync(join(root, 'npm.cjs'), work);
  program('npm', `exec ${process.execPath} ${root}/npm.cjs`);
}

/** An apt-get that installs as Debian would, for packages whose program has their own name. */
function aptGet(): void {
  program('apt-get', `for p; do case $p in -*|install|update) ;; *) printf '#!/bin/sh\\n' >${bin}/$p; /bin/chmod 755 ${bin}/$p ;; esac; done`);
  program('env', 'shift; exec "$@"');
}

interface Outcome {
  exitCode: number | undefined;
  output: string;
  calls: string[];
}

async function bootstrap({ asNobody = false, preload = '', env = {} } = {}): Promise<Outcome> {
  const asUser = asNobody && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (asNobody) for (const directory of [root, bin]) chmodSync(directory, 0o777);
  const node = [...(preload ? ['--import', `data:text/javascript,${preload}`] : []), join(root, 'tools/bootstrap.mjs')];
  const { exitCode, all } = await execa(process.execPath, node, {
    ...asUser,
    env: { PATH: bin, ...env },
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
    cwd: root,
  });
  return { exitCode, output: all, calls: existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [] };
}

it('starts nothing when everything is there', async () => {
  const { exitCode, output, calls } = await bootstrap();
  expect(output).toMatch(/^bootstrap: Node [\d.]+, npm and host packages are complete \(\d\.\d s\)$/);
  expect({ exitCode, calls }).toEqual({ exitCode: 0, calls: [] });
});

it.each([
  ['there is no node_modules', () => rmSync(join(root, 'node_modules'), { recursive: true })],
  ['npm ci was cut before it wrote its own lock', () => rmSync(join(root, 'node_modules/.package-lock.json'))],
  [
    'another version is installed',
    () => write('node_modules/.package-lock.json', { packages: { 'node_modules/vitest': { version: '4.0.0', integrity: 'sha512-b' } } }),
  ],
  [
    'the lock has a workspace package that is not linked',
    () => {
      write('packages/iso/package.json', {});
      write('package-lock.json', { packages: { 'node_modules/@container-os/iso': { resolved: 'packages/iso', link: true } } });
    },
  ],
  ["a package's directory is gone, whatever npm's own lock says", () => rmSync(join(root, 'node_modules/vitest'), { recursive: true })],
  ['a package was cut while it was written', () => writeFileSync(join(root, 'node_modules/vitest/package.json'), '{"ver')],
  ['its program for this platform was left out, as by --omit=optional', () => lockWith('@swc/core-here', PLATFORM)],
  ["a package's command is not linked, as by bin-links=false", () => lockWith('vitest', { ...VITEST, bin: { vitest: 'vitest.mjs' } })],
  [
    'a workspace package is that of another clone',
    () => {
      lockWith('@container-os/iso', { resolved: 'packages/iso', link: true });
      write('node_modules/.package-lock.json', JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
      write('packages/iso/package.json', {});
      write('another/clone/packages/iso/package.json', {});
      mkdirSync(join(root, 'node_modules/@container-os'));
      symlinkSync(join(root, 'another/clone/packages/iso'), join(root, 'node_modules/@container-os/iso'));
    },
  ],
  ["a package's directory has another version", () => write('node_modules/vitest/package.json', { version: '3.0.0' })],
])('runs npm ci when %s, with what npm leaves out for its environment', async (_when, spoil) => {
  spoil();
  npm();
  const { exitCode, calls } = await bootstrap();
  expect(calls).toEqual([expect.stringMatching(/^npm ci --no-audit --no-fund --include=dev --include=optional .*--dry-run=false/)]);
  expect(exitCode).toBe(0);
});

it.each([
  ['does nothing', ''],
  ['writes its lock and no package', 'lock'],
])('does not say that packages are complete when npm ci %s', async (_what, work) => {
  rmSync(join(root, 'node_modules'), { recursive: true });
  if (work) npm({ packages: false });
  else program('npm');
  const { exitCode, output } = await bootstrap({ env: { npm_config_omit: 'dev', NODE_ENV: 'production' } });
  expect(output).toContain('npm ci ended without an error, and 1 packages are not there: node_modules/vitest\n  hint: ');
  expect(output).toContain('npm config ls');
  expect(output).not.toContain('complete');
  expect(exitCode).toBe(1);
});

it.each([
  ['of another platform', { os: ['darwin'] }],
  ['of another processor', { cpu: ['wasm32'] }],
  ['of another libc', { libc: ['musl'] }],
  ['for another Node', { engines: { node: '^3.1 || >=99' } }],
  ['that another platform needs', { os: undefined, cpu: undefined }],
])('does not miss an optional package %s', async (_what, entry) => {
  lockWith('other', { ...PLATFORM, ...entry });
  expect((await bootstrap()).calls).toEqual([]);
});

it('does not let npm choose packages by what the environment says', async () => {
  rmSync(join(root, 'node_modules'), { recursive: true });
  npm();
  program('npm', `/usr/bin/env >${root}/environment; exec ${process.execPath} ${root}/npm.cjs`);
  const env = { npm_config_workspace: 'packages/iso', NPM_CONFIG_OMIT: 'dev', npm_config_registry: 'http://127.0.0.1:9', NODE_ENV: 'production' };
  const { calls, exitCode } = await bootstrap({ env });
  expect(exitCode).toBe(0);
  for (const option of ['--bin-links=true', '--install-strategy=hoisted', '--location=user']) expect(calls[0]).toContain(option);
  const seen = readFileSync(join(root, 'environment'), 'utf8');
  expect(seen).toContain('npm_config_registry=');
  expect(seen).not.toMatch(/workspace|OMIT|NODE_ENV/);
});

it('stops when npm ci fails', async () => {
  rmSync(join(root, 'node_modules'), { recursive: true });
  program('npm', 'exit 7');
  const { exitCode, output } = await bootstrap();
  expect(exitCode).toBe(1);
  expect(output).toMatch(/bootstrap: npm ci .*: exit code 7\n {2}hint: /);
});

it.runIf(process.getuid?.() === 0)('names the missing tools and packages, then installs them', async () => {
  remove('bison', 'flex');
  write('packages/core/tools.json', {
    mformat: { deb: 'mtools' },
    mtools: { deb: 'mtools', present: join(bin, 'mtools') },
    bison: { deb: 'bison' },
    flex: { deb: 'flex' },
  });
  recipe('mformat', 'mtools', 'bison', 'flex');
  program('mformat');
  aptGet();
  const { exitCode, output, calls } = await bootstrap();
  expect(output).toContain(`bootstrap: not found on this machine: ${join(bin, 'mtools')}, bison, flex`);
  expect(output).toContain('bootstrap: installing 3 Debian packages: bison flex mtools');
  expect(calls.filter((call) => call.startsWith('apt-get'))).toEqual(['apt-get -q update', 'apt-get -q install -y --no-install-recommends bison flex mtools']);
  expect(exitCode).toBe(0);
});

it.runIf(process.getuid?.() === 0)('installs what recipes call and tests need, and nothing else that the catalogue has', async () => {
  write('packages/core/tools.json', { bison: { deb: 'bison' }, m4: { deb: 'm4' }, cobol: { deb: 'gnucobol' } });
  write('packages/kernel/src/kernel/recipe.json', { tools: ['bison'], utilities: ['rustc'], ownTools: { rustc: { deb: 'rustc', programs: ['m4'] } } });
  write('tools/host-tools.json', { strace: { deb: 'strace', e2e: true }, shellcheck: { deb: 'shellcheck' } });
  aptGet();
  const { output, exitCode } = await bootstrap();
  expect(output).toContain('bootstrap: installing 3 Debian packages: m4 rustc shellcheck');
  expect(exitCode).toBe(0);
});

it('installs with sudo where it is not root and sudo asks for no password', async () => {
  remove('bison');
  aptGet();
  program('sudo', '[ "$1" = -n ] || exec "$@"');
  const { exitCode, calls } = await bootstrap({ asNobody: true });
  expect(calls).toContain('sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends bison');
  expect(exitCode).toBe(0);
});

it.each([
  ['there is no sudo', () => {}],
  ['sudo wants a password and nobody is there to type it', () => program('sudo', 'exit 1')],
])('prints the one command to run when %s', async (_when, arrange) => {
  remove('bison', 'flex');
  aptGet();
  arrange();
  const { exitCode, output, calls } = await bootstrap({ asNobody: true });
  expect(output).toContain('\n    apt-get update && apt-get install -y --no-install-recommends bison flex\n');
  expect(calls.filter((call) => call.startsWith('apt-get'))).toEqual([]);
  expect(exitCode).toBe(1);
});

it('names the packages where there is no apt-get', async () => {
  remove('bison');
  const { exitCode, output } = await bootstrap();
  expect(output).toContain('there is no apt-get to install them');
  expect(output).toContain('then run the same command again: bison');
  expect(exitCode).toBe(1);
});

it.runIf(process.getuid?.() === 0)('fails when the package did not bring the tool', async () => {
  write('packages/core/tools.json', { mformat: { deb: 'mtools' } });
  recipe('mformat');
  aptGet();
  const { exitCode, output } = await bootstrap();
  expect(output).toContain('still not found: mformat (Debian package mtools)');
  expect(exitCode).toBe(1);
});

it('refuses a Node that is too old, before anything else', async () => {
  remove('bison');
  const { exitCode, output } = await bootstrap({ preload: 'Object.defineProperty(process.versions,"node",{value:"20.18.3"})' });
  expect(output).toBe(
    'bootstrap: this is Node 20.18.3, and 20.19 or newer is needed\n  hint: Install Node 24 (or 20.19 and newer), then run the same command again.',
  );
  expect(exitCode).toBe(1);
});

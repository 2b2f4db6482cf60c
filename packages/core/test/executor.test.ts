import { execa } from 'execa';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BuildError, defineCommand, defineExecutor, readManifest, run, type BuildContext } from '../src/index.ts';
import type { Recipe } from '../src/hash/recipe.ts';
import { nxContext } from './fixtures/nx-context.ts';
import { taskGraph } from './testing.ts';

let root: string;
let artifacts: string;
let stderr: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'core-executor-'));
  artifacts = join(root, 'dist/os-images/demo');
  stderr = '';
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Runs `demo:thing`, whose work is `work`. */
function build(work: (context: BuildContext) => Promise<void> | void, target = {}, publish: string[] = [], recipe: Recipe = {}): Promise<{ success: boolean }> {
  const executor = defineExecutor<object, null>({
    recipe,
    plan: () => null,
    async run(_plan, context) {
      await work(context);
      return { name: 'thing', version: '1', licence: 'MIT' };
    },
    publish: () => publish,
  });
  return executor({}, nxContext(root, target));
}

function inOwnProcess(fixture: string) {
  const script = join(import.meta.dirname, 'fixtures', fixture);
  return execa('node', ['--import', '@swc-node/register/esm-register', script, root], { reject: false, timeout: 20_000 });
}

/** A build in a process of its own that never ends by itself, once it is half-way. */
async function slowBuild() {
  const child = inOwnProcess('slow.ts');
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { pid: child.pid, kill: child.kill.bind(child), ended: child };
}

const write =
  (text: string) =>
  ({ out }: BuildContext) =>
    writeFile(join(out, 'file'), text);

it('puts the artifact with its manifest in place and leaves nothing else', async () => {
  expect(await build(write('one'))).toEqual({ success: true });
  expect(readdirSync(artifacts)).toEqual(['thing']);
  expect(readdirSync(join(artifacts, 'thing')).sort()).toEqual(['file', 'manifest.json']);
  expect((await readManifest(join(artifacts, 'thing'))).outputs).toMatchObject([{ file: 'file', size: 3 }]);
  expect(readdirSync(join(root, 'cache/scratch'))).toEqual([]);
});

it('replaces the artifact as a whole: a file that is no longer made is gone', async () => {
  await build(({ out }) => writeFile(join(out, 'old'), ''));
  await build(write('new'));
  expect(existsSync(join(artifacts, 'thing/old'))).toBe(false);
  expect(readFileSync(join(artifacts, 'thing/file'), 'utf8')).toBe('new');
});

it('keeps the old artifact when the build fails, and removes the half-written one', async () => {
  await build(write('one'));
  const failed = await build(async (context) => {
    await write('two')(context);
    throw new BuildError('NO_LUCK', 'thing: expected luck, got none', { hint: 'Try again.' });
  });
  expect(failed).toEqual({ success: false });
  expect(stderr).toBe('\nNO_LUCK: thing: expected luck, got none\n  hint:  Try again.\n');
  expect(readdirSync(artifacts)).toEqual(['thing']);
  expect(readFileSync(join(artifacts, 'thing/file'), 'utf8')).toBe('one');
});

it('publishes a file to the directory of the image', async () => {
  await build(write('iso'), {}, ['file']);
  expect(readdirSync(artifacts).sort()).toEqual(['file', 'thing']);
});

it('refuses to write where the target has no output, before any work', async () => {
  const work = vi.fn();
  expect(await build(work, { outputs: [] })).toEqual({ success: false });
  expect(stderr).toContain('OUTPUT_NOT_DECLARED: demo:thing writes dist/os-images/demo/thing');
  expect(stderr).toContain('Add "{workspaceRoot}/dist/{projectRoot}/thing"');
  expect(work).not.toHaveBeenCalled();
});

it('reads no file of the image that its recipe does not name, as the hash would not have it', async () => {
  const recipe = { files: ['etc'] };
  expect(await build(({ file }) => expect(file('etc/motd')).toBe(join(root, 'os-images/demo/etc/motd')), {}, [], recipe)).toEqual({ success: true });
  expect(await build(({ file }) => void file('etc-old/motd'), {}, [], recipe)).toEqual({ success: false });
  expect(stderr).toContain('thing reads ');
  expect(stderr).toContain('os-images/demo/etc-old/motd, which the "files" of its recipe.json do not name');
});

it("its commands see the recipe's tools and POSIX utilities, and no other program of the machine", async () => {
  for (const name of ['rustc', 'pkg-config', 'gcc']) writeFileSync(join(root, name), '#!/bin/sh\n', { mode: 0o755 });
  vi.stubEnv('PATH', `${root}:${process.env['PATH']}`);
  let seen = '';
  await build(
    async () => void (seen = (await run(['sh', '-c', 'for p in gcc rustc pkg-config sed; do command -v $p >/dev/null && echo $p; done; true'])).stdout),
    {},
    [],
    { tools: ['gcc'] },
  );
  expect(seen).toBe('gcc\nsed\n');
});

it('its commands see a tool that its recipe alone knows, and the package is named where the machine lacks it', async () => {
  writeFileSync(join(root, 'packer'), '#!/bin/sh\necho packed\n', { mode: 0o755 });
  vi.stubEnv('PATH', `${root}:${process.env['PATH']}`);
  let seen = '';
  const ownTools = { packer: { deb: 'packer-tools' }, missing: { deb: 'packer-extra' } };
  expect(await build(async () => void (seen = (await run(['packer'])).stdout), {}, [], { tools: ['packer'], ownTools })).toEqual({ success: true });
  expect(seen).toBe('packed\n');
  expect(await build(() => {}, {}, [], { utilities: ['missing'], ownTools })).toEqual({ success: false });
  expect(stderr).toContain('apt-get install packer-extra');
});

it('names every tool that the machine lacks, who needs it, and the packages to install', async () => {
  vi.stubEnv('PATH', root);
  const work = vi.fn();
  expect(await build(work, {}, [], { tools: ['mformat', 'bison', 'bc'], utilities: ['distcc?', 'gpgv'] })).toEqual({ success: false });
  expect(stderr).toContain('HOST_TOOL_MISSING: "mformat", "bison", "bc", "gpgv" not found (thing needs them)');
  expect(stderr).toContain('apt-get install bc bison gpgv mtools');
  expect(work).not.toHaveBeenCalled();
});

it('names the targets it depends on, and not those of other projects', async () => {
  const graph = taskGraph('demo', 'thing', ['kernel', 'initramfs']);
  const tasks = { ...taskGraph('other', 'x', ['build']).tasks, ...graph.tasks };
  graph.dependencies['demo:thing']?.push('other:build');
  await defineExecutor<object, object>({
    plan: (_, { dependsOn }) => (expect(dependsOn).toEqual(['kernel', 'initramfs']), {}),
    run: () => Promise.resolve({ name: 'thing', version: '1', licence: 'MIT' }),
  })({}, { ...nxContext(root), taskGraph: { ...graph, tasks } });
  expect(stderr).toBe('');
});

it('explains a full disk', async () => {
  await build(() => writeFile('/dev/full', 'x'));
  expect(stderr).toContain('DISK_FULL: no space left on the device');
  expect(stderr).toMatch(/hint: {2}Left now .* in .*\/dist, .* in .*\/cache/);
});

it('shows a bug with its stack', async () => {
  await build(() => {
    throw new TypeError('x is undefined');
  });
  expect(stderr).toMatch(/BUG: TypeError: x is undefined\n\s+at /);
});

it('starts with an empty log file', async () => {
  mkdirSync(join(root, 'dist/logs/demo'), { recursive: true });
  writeFileSync(join(root, 'dist/logs/demo/thing.log'), 'of yesterday');
  await build(({ logFile }) => expect(existsSync(logFile)).toBe(false));
  expect(stderr).toBe('');
});

it('leaves nothing half-written after SIGTERM in the middle, and the next run is right', async () => {
  await build(write('one'));
  const child = await slowBuild();
  child.kill('SIGTERM');
  const { exitCode, stderr: told } = await child.ended;
  expect(exitCode).toBe(1);
  expect(told).toContain('INTERRUPTED: interrupted; no incomplete files are left');
  expect(readdirSync(artifacts)).toEqual(['thing']);
  expect(readdirSync(join(root, 'cache/scratch'))).toEqual([]);
  expect(readFileSync(join(artifacts, 'thing/file'), 'utf8')).toBe('one');
  expect(await build(write('two'))).toEqual({ success: true });
}, 30_000);

it('removes what a run left that was killed with no chance to', async () => {
  const child = await slowBuild();
  child.kill('SIGKILL');
  await child.ended;
  expect(readdirSync(artifacts)).toEqual([`thing.partial-${child.pid}`]);
  await build(write('one'));
  expect(readdirSync(artifacts)).toEqual(['thing']);
  expect(readdirSync(join(root, 'cache/scratch'))).toEqual([]);
}, 30_000);

it('puts the old artifact back that a run left aside, killed before the new one was in its place', async () => {
  await build(write('one'));
  expect(await inOwnProcess('killed-in-replace.ts')).toMatchObject({ signal: 'SIGKILL' });
  expect(readdirSync(artifacts)).toEqual([expect.stringMatching(/^thing\.partial-\d+$/), expect.stringMatching(/^thing\.replaced-\d+$/)]);
  expect(await build(() => Promise.reject(new BuildError('NO_LUCK', 'none')))).toEqual({ success: false });
  expect(readdirSync(artifacts)).toEqual(['thing']);
  expect(readFileSync(join(artifacts, 'thing/file'), 'utf8')).toBe('one');
}, 30_000);

it('leaves alone what a run that still works has in hand', async () => {
  const theirs = join(artifacts, `thing.partial-${process.ppid}`);
  mkdirSync(theirs, { recursive: true });
  await build(write('one'));
  expect(existsSync(theirs)).toBe(true);
});

it('gives a command without artifact the same context and errors', async () => {
  const command = defineCommand<{ name: string }>(({ name }, { image, target }) => Promise.reject(new BuildError('NO', `${image}:${target} ${name}`)));
  expect(await command({ name: 'x' }, nxContext(root))).toEqual({ success: false });
  expect(stderr).toBe('\nNO: demo:thing x\n');
  expect(existsSync(artifacts)).toBe(false);
});

describe('on a machine for which no program of the OS is made', () => {
  const machine = (name: 'arch' | 'platform', value: string) => vi.spyOn(process, name, 'get').mockReturnValue(value as never);

  it.each([{ tools: ['make', 'musl-gcc'] }, { machine: 'x64' }])('what compiles or starts one is refused before it does anything: %j', async (recipe) => {
    machine('arch', 'arm64');
    const work = vi.fn();
    expect(await build(work, {}, [], recipe)).toEqual({ success: false });
    expect(stderr).toContain('HOST_UNSUPPORTED: demo:thing: this host is linux arm64, expected linux x64: ');
    expect(stderr).toContain('sources: prebuilt');
    expect(work).not.toHaveBeenCalled();
  });

  it('what puts finished parts together is made', async () => {
    machine('arch', 'arm64');
    expect(await build(() => {}, {}, [], { utilities: ['tar'] })).toEqual({ success: true });
  });

  it('all is refused where there is no Linux', async () => {
    machine('platform', 'win32');
    expect(await build(() => {})).toEqual({ success: false });
    expect(stderr).toContain(`HOST_UNSUPPORTED: demo:thing: this host is win32 ${process.arch}, expected linux`);
    expect(existsSync(join(root, 'dist'))).toBe(false);
  });
});

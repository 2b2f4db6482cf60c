// Builds an image twice, in two directories with two user caches, and fails unless every artifact has the same
// bytes. Everything is compiled twice in full, the second time as on another machine, on one processor and through an empty ccache: at
// most 45 minutes on 2 cores.
//   npx nx run tools:reproducible --image=my-os
//   npx nx run tools:reproducible --only=system     (nx run takes an option --target for itself)
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDir, sha256File } from '@container-os/core';
import { globbySync } from 'globby';
import { anotherHost, type Host } from './reproducible/another-host.ts';
import { copyWorkspace, nxEnvironment } from './workspace-copy.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    only: { type: 'string', default: 'iso' },
  },
});

if (values.image === undefined) throw new Error('no image given; expected --image=<name>');
const image: string = values.image;

const base = mkdtempSync(join(tmpdir(), 'reproducible-'));
const directories = ['a', 'a-directory-with/a-much-longer/name'] as const;
// Both now: the user may go on editing.
for (const name of directories) copyWorkspace(join(base, name, 'workspace'));
const one = await build(directories[0], { prefix: [], env: {}, umask: 0o022 }, 'none');
const two = await build(directories[1], anotherHost(join(base, 'another-host'), process.env['PATH'] ?? ''), 'ccache');
const differing = [...new Set([...one.keys(), ...two.keys()])].filter((file) => one.get(file) !== two.get(file)).sort();

if (differing.length > 0) {
  console.error(`${differing.length} of ${one.size} files differ between two builds:`);
  for (const file of differing) console.error(`  ${file}\n    ${one.get(file) ?? 'missing'}\n    ${two.get(file) ?? 'missing'}`);
  console.error(`  hint: Compare the two trees below ${base}, for example with diffoscope; then delete them.`);
  process.exit(1);
}
rmSync(base, { recursive: true });
console.log(`${image}:${values.only} built twice: ${one.size} files, all byte-identical`);
for (const [file, sha256] of one) console.log(`  ${sha256}  ${file}`);

/** Builds in `<base>/<name>` and returns the sha256 of every file made. */
async function build(name: string, { prefix, env: ofHost, umask }: Host, launcher: 'none' | 'ccache'): Promise<Map<string, string>> {
  const workspace = join(base, name, 'workspace');
  const cache = join(base, name, 'cache');
  console.log(`\n=== ${workspace}, umask ${umask.toString(8)}, compiler launcher ${launcher}`);
  process.umask(umask);
  mkdirSync(cache, { recursive: true });
  // Downloads are verified by content; all else (unpacked trees, scratch builds) is each build's own.
  mkdirSync(cacheDir('store'), { recursive: true });
  symlinkSync(cacheDir('store'), join(cache, 'store'));
  const env = {
    ...nxEnvironment(),
    CONTAINER_OS_COMPILER_LAUNCHER: launcher,
    CCACHE_DIR: join(base, 'ccache'),
    CCACHE_REMOTE_STORAGE: '',
    CONTAINER_OS_CACHE: cache,
    ...ofHost,
  };
  const [file, ...args] = [...prefix, 'npx', 'nx', 'run', `${image}:${values.only}`, '--skip-nx-cache'];
  execFileSync(file, args, { cwd: workspace, env, stdio: 'inherit' });
  const artifacts = join(workspace, 'dist');
  const files = globbySync('**/*', { cwd: artifacts, dot: true, ignore: ['logs/**'] }).sort();
  if (files.length === 0) throw new Error(`${artifacts} is empty after the build`);
  const sums = files.map(async (file) => [file, await sha256File(join(artifacts, file))] as const);
  return new Map(await Promise.all(sums));
}

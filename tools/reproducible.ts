// Builds an image a second time, as on another machine, and fails unless every artifact has the bytes of the first build. The first is the one of this
// workspace, which the cache may have: of any machine that shares it. The second compiles everything, without ccache, on one processor, in
// another directory and with another user cache: at most 45 minutes.
//   npx nx run tools:reproducible --image=my-os
//   npx nx run tools:reproducible --only=system     (nx run takes an option --target for itself)
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDir, sha256File } from '@container-os/core';
import { globbySync } from 'globby';
import { TASK_HASH } from '../packages/core/src/hash/dependencies.ts';
import { anotherHost, type Host } from './reproducible/another-host.ts';
import { root } from './files.ts';
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
const workspace = join(base, 'a-directory-with/a-much-longer/name');
// Before anything is built: the user may go on editing.
copyWorkspace(workspace);
const task = `${image}:${values.only}`;
console.log(`\n=== the first build, in ${root}`);
execFileSync('npx', ['nx', 'run', task], { cwd: root, env: nxEnvironment(), stdio: 'inherit' });
buildAgain(anotherHost(join(base, 'another-host'), process.env['PATH'] ?? ''));
const two = await digests(workspace, ['**/*']);
if (two.size === 0) throw new Error(`${workspace}/dist is empty after the build`);
const artifacts = [...two.keys()].filter((file) => basename(file) === TASK_HASH).map(dirname);
const one = await digests(root, [...two.keys(), ...artifacts.map((directory) => `${directory}/**/*`)]);
const differing = [...new Set([...one.keys(), ...two.keys()])].filter((file) => one.get(file) !== two.get(file)).sort();

if (differing.length > 0) {
  console.error(`${differing.length} of ${one.size} files differ between the two builds:`);
  for (const file of differing) console.error(`  ${file}\n    ${one.get(file) ?? 'missing'}\n    ${two.get(file) ?? 'missing'}`);
  console.error(`  hint: Compare ${root}/dist and ${workspace}/dist, for example with diffoscope; then delete ${base}.`);
  process.exit(1);
}
rmSync(base, { recursive: true });
console.log(`${image}:${values.only} built twice: ${one.size} files, all byte-identical`);
for (const [file, sha256] of one) console.log(`  ${sha256}  ${file}`);

/** Builds in the copy of the workspace, from nothing but downloads, which are verified by content. */
function buildAgain({ prefix, env: ofHost, umask }: Host): void {
  const cache = join(base, 'cache');
  console.log(`\n=== the second build, in ${workspace}`);
  process.umask(umask);
  mkdirSync(cache, { recursive: true });
  mkdirSync(cacheDir('store'), { recursive: true });
  symlinkSync(cacheDir('store'), join(cache, 'store'));
  const env = { ...nxEnvironment(), CONTAINER_OS_COMPILER_LAUNCHER: 'none', CONTAINER_OS_CACHE: cache, ...ofHost };
  const [file, ...args] = [...prefix, 'npx', 'nx', 'run', task, '--skip-nx-cache'];
  execFileSync(file, args, { cwd: workspace, env, stdio: 'inherit' });
}

/** sha256 of the files below `<directory>/dist`, by path. */
async function digests(directory: string, globs: readonly string[]): Promise<Map<string, string>> {
  const dist = join(directory, 'dist');
  const files = globbySync(globs, { cwd: dist, dot: true, ignore: ['logs/**'] }).sort();
  return new Map(await Promise.all(files.map(async (file) => [file, await sha256File(join(dist, file))] as const)));
}

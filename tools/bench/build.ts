import { appendFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { start } from '../../packages/cache-server/test/running.ts';
import { nxRun, type NxRun } from '../nx.ts';
import { copyWorkspace, nxEnvironment } from '../workspace-copy.ts';
import type { ImageProject } from './project.ts';
import { readCost, timed, type Cost } from './command.ts';

export interface BuildReport {
  /** By target, with an empty Nx cache and an empty ccache, in their order; dependencies not counted. The kernel's only where it was asked for. */
  cold: Record<string, Cost>;
  /** Of the ISO; the median of three. */
  noop: Cost;
  /** Of `nx show projects` in the same workspace, which reads the graph and runs nothing; the median of three. */
  show?: Cost;
  containerFile: Cost;
  remote: Cost;
  /** Of the kernel: one symbol changed, ccache warm by an earlier build; and without ccache, where a cold kernel was asked for. */
  symbol: Cost;
  symbolWithoutCcache?: Cost;
}

/**
 * How the kernel is compiled at first. `warm`: by a copy of the user's ccache, where its objects may be, and not counted. `cold`: by an
 * empty one, and counted; and once more without ccache. Each takes 10 to 20 minutes.
 */
export type KernelBuild = 'warm' | 'cold';

/** A copy of the workspace, and the environment of each nx in it. */
interface Clone {
  directory: string;
  project: ImageProject;
  scratch: string;
  env: NodeJS.ProcessEnv;
}

/** By this machine alone, whatever the user has set. */
const OWN_COMPILING = { CONTAINER_OS_COMPILER_LAUNCHER: 'ccache', CCACHE_REMOTE_STORAGE: '' };

/**
 * What a build of an image costs, by copies of the workspace that have an Nx cache and a ccache of their own. The user's store of sources
 * is used: what counts is compiling, not the network.
 */
export async function measureBuild(project: ImageProject, scratch: string, kernel: KernelBuild): Promise<BuildReport> {
  const server = await start();
  const remote = { REMOTE_CACHE_URL: server.url, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: server.tokens['main'] };
  const clone = (name: string, env: NodeJS.ProcessEnv): Clone => {
    const directory = join(scratch, name);
    mkdirSync(directory);
    copyWorkspace(directory);
    return {
      directory,
      project,
      scratch,
      env: { ...OWN_COMPILING, ...env, NX_CACHE_DIRECTORY: join(directory, '.nx/cache'), NX_WORKSPACE_DATA_DIRECTORY: join(directory, '.nx/workspace-data') },
    };
  };
  const [empty, warm] = [join(scratch, 'ccache-empty'), join(scratch, 'ccache-warm')];
  const iso = `${project.name}:iso`;
  const kernelCache = kernel === 'cold' ? empty : warm;
  if (kernel === 'warm') cpSync(await usersCcache(), warm, { recursive: true });
  try {
    const first = clone('first', { CCACHE_DIR: empty });
    const cold: Record<string, Cost> = {};
    for (const task of project.tasks) {
      const [, target = ''] = task.split(':');
      const { cost } = await run(first, task, { ...remote, ...(target === 'kernel' ? { CCACHE_DIR: kernelCache } : {}) });
      if (target !== 'kernel' || kernel === 'cold') cold[target] = cost;
    }
    const noops: Cost[] = [];
    const shows: Cost[] = [];
    for (let round = 0; round < 3; round++) {
      noops.push(await rerun(first, iso, []));
      shows.push(await showProjects(first));
    }
    appendFileSync(join(first.directory, project.containerFile.file), '<!-- edited -->\n');
    const containerFile = await rerun(first, iso, [project.containerFile.target, 'iso', 'rootfs']);
    // Before any other edit of the first: it holds what that one uploaded.
    const restored = await rerun(clone('second', {}), iso, [], remote);
    const symbol = await changeSymbol(first, 'CONFIG_MINIX_FS', { CCACHE_DIR: kernelCache });
    const report: BuildReport = { cold, noop: middle(noops), show: middle(shows), containerFile, remote: restored, symbol };
    if (kernel === 'cold') report.symbolWithoutCcache = await changeSymbol(first, 'CONFIG_ROMFS_FS', { CONTAINER_OS_COMPILER_LAUNCHER: 'none' });
    return report;
  } finally {
    await server.close();
  }
}

function changeSymbol(clone: Clone, symbol: string, env: NodeJS.ProcessEnv): Promise<Cost> {
  appendFileSync(join(clone.directory, clone.project.fragment), `${symbol}=y\n`);
  const kernel = clone.project.tasks.find((task) => task.endsWith(':kernel')) ?? '';
  return rerun(clone, kernel, ['kernel', 'kernel-config'], env);
}

/** Runs a task that is expected to build just `built`; else the figure would be of something else. */
async function rerun(clone: Clone, task: string, built: string[], env: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const result = await run(clone, task, env);
  if (result.built.join() === built.join()) return result.cost;
  throw new Error(`${task} built ${result.built.join(', ') || 'nothing'}, expected ${built.join(', ') || 'nothing'}; did something else change the workspace?`);
}

/** With the remote cache where `env` has its address. */
async function run({ directory, scratch, env: own }: Clone, task: string, env: NodeJS.ProcessEnv): Promise<NxRun & { cost: Cost }> {
  const times = join(scratch, 'times');
  const result = await nxRun(directory, task, { ...own, ...env }, [...timed(times), ...(env['REMOTE_CACHE_URL'] ? ['tools/with-remote-cache.sh'] : [])]);
  if (result.exitCode !== 0) throw new Error(`${task} failed:\n${result.output}`);
  const cost = await readCost(times);
  const spent = `wall ${cost.wallSeconds.toFixed(1)} s, CPU ${cost.cpuSeconds.toFixed(1)} s (${readFileSync(times, 'utf8').trim()})`;
  console.log(`build ${task}: ${result.built.length} built, ${spent}`);
  return { ...result, cost };
}

async function showProjects({ directory, scratch, env }: Clone): Promise<Cost> {
  const times = join(scratch, 'times');
  const [file, ...words] = [...timed(times), 'npx', 'nx', 'show', 'projects'] as const;
  await execa(file, words, { cwd: directory, env: { ...nxEnvironment(), ...env }, extendEnv: false });
  return readCost(times);
}

async function usersCcache(): Promise<string> {
  const { stdout } = await execa('ccache', ['--get-config=cache_dir']);
  return stdout || join(homedir(), '.cache/ccache');
}

function middle(costs: Cost[]): Cost {
  const sorted = [...costs].sort((a, b) => a.wallSeconds - b.wallSeconds);
  return sorted[Math.floor(sorted.length / 2)] as Cost;
}

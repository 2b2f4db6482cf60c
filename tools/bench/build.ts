import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../packages/cache-server/test/running.ts';
import { nxRun, type NxRun } from '../nx.ts';
import { copyWorkspace } from '../workspace-copy.ts';
import { readCost, timed, type Cost } from './command.ts';

export interface BuildReport {
  /** By target, with an empty Nx cache, in their order; dependencies not counted. The kernel's only where it was asked for. */
  cold: Record<string, Cost>;
  /** Of the ISO. */
  noop: Cost;
  containerFile: Cost;
  remote: Cost;
  /** Of the kernel: one symbol changed, ccache warm by an earlier build. */
  symbol: Cost;
}

/** As they follow from each other. */
const TARGETS = ['sources', 'kernel-config', 'busybox', 'crun', 'tini', 'cni-plugins', 'e2fsprogs', 'cosctl', 'runtime', 'bundle-web', 'bundle-client', 'bundle-shell', 'bundle-counter', 'rootfs', 'early-init', 'initramfs', 'kernel', 'iso'];

/**
 * What a build costs, by copies of the workspace with an Nx cache of their own. The user's store of sources and ccache are
 * used: what counts is compiling, not the network. `coldKernel` compiles the kernel once more without ccache: 10 to 20 minutes.
 */
export async function measureBuild(scratch: string, { coldKernel }: { coldKernel: boolean }): Promise<BuildReport> {
  const server = await start();
  const clone = (name: string): Clone => {
    const directory = join(scratch, name);
    mkdirSync(directory);
    copyWorkspace(directory);
    return { directory, scratch, server: { url: server.url, token: server.tokens['main'] ?? '' } };
  };
  try {
    const first = clone('first');
    const cold: Record<string, Cost> = {};
    for (const target of TARGETS) {
      const { cost } = await run(first, target, target === 'kernel' && coldKernel ? { CONTAINER_OS_COMPILER_LAUNCHER: 'none' } : {});
      if (target !== 'kernel' || coldKernel) cold[target] = cost;
    }
    const noop = await run(first, 'iso');
    expectBuilt(noop, []);
    appendFileSync(join(first.directory, 'os-images/demo-os/containers/web/rootfs/srv/www/index.html'), '<!-- edited -->\n');
    const containerFile = await run(first, 'iso');
    expectBuilt(containerFile, ['bundle-web', 'iso', 'rootfs']);
    const remote = await run(clone('second'), 'iso', {});
    expectBuilt(remote, []);
    appendFileSync(join(first.directory, 'os-images/demo-os/kernel/storage.config'), 'CONFIG_MINIX_FS=y\n');
    const symbol = await run(first, 'kernel');
    expectBuilt(symbol, ['kernel', 'kernel-config']);
    return { cold, noop: noop.cost, containerFile: containerFile.cost, remote: remote.cost, symbol: symbol.cost };
  } finally {
    await server.close();
  }
}

interface Clone {
  directory: string;
  scratch: string;
  server: { url: string; token: string };
}

/** Without the remote cache where `more` is undefined. */
async function run({ directory, scratch, server }: Clone, target: string, more?: NodeJS.ProcessEnv): Promise<NxRun & { cost: Cost }> {
  const times = join(scratch, 'times');
  const env = {
    NX_CACHE_DIRECTORY: join(directory, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(directory, '.nx/workspace-data'),
    ...(more ? { REMOTE_CACHE_URL: server.url, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: server.token, ...more } : {}),
  };
  const result = await nxRun(directory, target, env, [...timed(times), ...(more ? ['tools/with-remote-cache.sh'] : [])]);
  if (result.exitCode !== 0) throw new Error(`${target} failed:\n${result.output}`);
  const cost = await readCost(times);
  console.log(`build ${target}: ${result.built.length} built, wall ${cost.wallSeconds.toFixed(1)} s, CPU ${cost.cpuSeconds.toFixed(1)} s (${readFileSync(times, 'utf8').trim()})`);
  return { ...result, cost };
}

function expectBuilt({ built }: NxRun, expected: string[]): void {
  if (built.join() !== expected.join()) throw new Error(`built ${built.join(', ') || 'nothing'}, expected ${expected.join(', ') || 'nothing'}`);
}

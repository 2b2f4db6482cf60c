import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../files.ts';
import { freePort } from '../free-port.ts';

/** An npm registry of this machine alone. */
export interface Registry {
  url: string;
  /** What makes npm, pnpm and yarn use it, whatever the user's own configuration says. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts Verdaccio on a port of the loopback interface, a free one unless it is `wanted`. It has what is published to it, below `directory`; all else it
 * gets from the registry that npm is configured to use here.
 */
export async function startRegistry(directory: string, wanted?: number): Promise<Registry> {
  mkdirSync(directory, { recursive: true });
  const port = wanted ?? (await freePort());
  const url = `http://127.0.0.1:${port}/`;
  const config = join(directory, 'verdaccio.json');
  writeFileSync(config, JSON.stringify(configuration(directory)));
  const program = join(root, 'node_modules/verdaccio/bin/verdaccio');
  const server = spawn(process.execPath, [program, '--config', config, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(directory, 'verdaccio.log'));
  server.stdout.pipe(log);
  server.stderr.pipe(log);
  await answers(url, () => server.exitCode === null);
  const userconfig = join(directory, 'npmrc');
  writeFileSync(userconfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=local\naudit=false\nfund=false\nupdate-notifier=false\n`);
  return {
    url,
    env: { npm_config_registry: url, npm_config_userconfig: userconfig, NPM_CONFIG_USERCONFIG: userconfig, YARN_REGISTRY: url, YARN_NPM_REGISTRY_SERVER: url },
    stop: async () => {
      if (server.exitCode !== null) return;
      server.kill();
      await once(server, 'exit');
    },
  };
}

function configuration(directory: string): object {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { cwd: root, encoding: 'utf8' }).trim();
  return {
    storage: join(directory, 'storage'),
    uplinks: { upstream: { url: registry, cache: true, maxage: '60m', timeout: '60s' } },
    packages: {
      '@container-os/*': { access: '$all', publish: '$all', unpublish: '$all' },
      '**': { access: '$all', proxy: 'upstream' },
    },
    max_body_size: '100mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'json', level: 'warn' },
  };
}

async function answers(url: string, isAlive: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (!isAlive()) throw new Error('verdaccio ended before it answered');
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`verdaccio does not answer at ${url} within 60 s`);
}

import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../files.ts';

export const dist = join(root, 'dist/packages');

/** Publishes what tools/packages/build.ts built. From a checkout only a registry of this machine gets it: the world's is the release workflow's. */
export async function publishAll(url: string, env: NodeJS.ProcessEnv): Promise<void> {
  requireLoopback(url);
  const waiting = readdirSync(dist);
  const publish = async (): Promise<void> => {
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      await execa('npm', ['publish', '--ignore-scripts', '--registry', url], { cwd: join(dist, folder), env });
    }
  };
  await Promise.all([publish(), publish(), publish()]);
}

/** @throws Error for a registry of another machine */
export function requireLoopback(url: string): void {
  const { hostname } = new URL(url);
  if (!['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) {
    throw new Error(`${url} is not on this machine: from a checkout, packages are published to a registry on 127.0.0.1 only`);
  }
}

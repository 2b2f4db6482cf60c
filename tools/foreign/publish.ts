import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../files.ts';

/** Of the packages that have code, and of those with prebuilt artifacts. */
const BUILT = ['dist/packages', 'dist/prebuilt'];

/**
 * Publishes what `nx run tools:build-packages` and `nx run-many -t prebuild` made, or a copy of it elsewhere. From a checkout only a registry of this
 * machine gets it: the world's is the release workflow's.
 */
export async function publishAll(url: string, env: NodeJS.ProcessEnv, from = root): Promise<void> {
  requireLoopback(url);
  const waiting = BUILT.flatMap((directory) => readdirSync(join(from, directory)).map((folder) => join(from, directory, folder)));
  const publish = async (): Promise<void> => {
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      await execa('npm', ['publish', '--ignore-scripts', '--registry', url], { cwd: folder, env });
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

import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryEntries, root } from './files.ts';

/**
 * Copies the repository's files, as they are now, to `destination`, with the installed npm packages linked
 * and the workspace's own packages those of the copy: Nx runs there as in a clone after `npm ci`.
 */
export function copyWorkspace(destination: string): void {
  for (const file of repositoryEntries()) {
    mkdirSync(join(destination, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(destination, file), { verbatimSymlinks: true });
  }
  const modules = join(destination, 'node_modules');
  mkdirSync(join(modules, '@container-os'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@container-os') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(destination, 'packages'))) {
    symlinkSync(join('../../packages', name), join(modules, '@container-os', name));
  }
}

/** The environment of an `nx` that keeps all of its state in its workspace and says what it does in plain lines. */
export function nxEnvironment(): NodeJS.ProcessEnv {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NX_') && !name.startsWith('npm_')));
  return { ...environment, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' };
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FILES } from '../lock.ts';

/** The directory with the files of a package, as the workspace or the plugin has it installed; undefined when neither has. */
export function filesOfPackage(packageName: string, workspaceRoot: string): string | undefined {
  const workspace = join(workspaceRoot, 'package.json');
  // With pnpm, only the plugin, whose dependency it is, finds it.
  const plugin = find('@container-os/image', workspace);
  const found = find(packageName, workspace) ?? (plugin === undefined ? undefined : find(packageName, plugin));
  return found === undefined ? undefined : join(dirname(found), FILES);
}

/** The package.json of a package, as a module beside `from` would find it. */
function find(packageName: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(`${packageName}/package.json`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

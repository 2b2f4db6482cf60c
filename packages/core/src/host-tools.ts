import { readFileSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BuildError } from './errors.ts';

/**
 * Host programs and files that a plugin needs, each with the Debian package that has it: the content
 * of a plugin's `host-tools.json`, which the bootstrap reads too. A key with a slash is a file, any
 * other a program on PATH.
 *
 * @example
 * { "bison": "bison", "/usr/include/gelf.h": "libelf-dev" }
 */
export type HostTools = Record<string, string>;

/** The content of a plugin's `host-tools.json`: `readHostTools(import.meta.url, '../host-tools.json')`. A JSON import works on Node 24 but not under swc. */
export function readHostTools(module: string, path: string): HostTools {
  return JSON.parse(readFileSync(new URL(path, module), 'utf8')) as HostTools;
}

/**
 * Passes when all tools are there; else `HOST_TOOL_MISSING`, naming every one that is not and the
 * command that installs them.
 */
export async function requireHostTools(tools: HostTools, neededBy: string): Promise<void> {
  const missing: string[] = [];
  for (const tool of Object.keys(tools)) if (!(await isPresent(tool))) missing.push(tool);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tools[tool]))].sort();
  throw new BuildError('HOST_TOOL_MISSING', `${missing.map((tool) => `"${tool}"`).join(', ')} not found (${neededBy} needs ${missing.length === 1 ? 'it' : 'them'})`, {
    hint: `Run npm run bootstrap, or: apt-get install ${packages.join(' ')}`,
  });
}

async function isPresent(tool: string): Promise<boolean> {
  if (tool.includes('/')) return exists(tool, constants.F_OK);
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (await exists(join(directory, tool), constants.X_OK)) return true;
  }
  return false;
}

function exists(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(() => true, () => false);
}

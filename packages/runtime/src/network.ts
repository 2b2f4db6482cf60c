import { BuildError } from '@container-os/core';
import { fileEntry, type Entry } from '@container-os/cpio';
import { basename } from 'node:path';

/** A network list of the CNI specification, of which the runner in the OS uses these fields. */
export interface NetworkList {
  cniVersion: string;
  name: string;
  plugins: ({ type: string } & Record<string, unknown>)[];
}

/** From 0.3.0 on, plugins are chained by the result of the one before. */
const CNI_VERSIONS = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];
const NETWORKS = 'usr/lib/container-os/networks';

/**
 * What `file`, with the content `text`, becomes in the OS: the list itself in /etc/cni/net.d, and each
 * of its plugins' configurations, complete and on one line, so that a shell can hand it to the plugin.
 *
 * Errors: `CNI_CONFIG_INVALID`.
 */
export function networkEntries(file: string, text: string): Entry[] {
  const list = parseNetworkList(file, text);
  const directory = `${NETWORKS}/${basename(file, '.conflist')}`;
  const plugins = list.plugins.map((plugin, index) => fileEntry(`${directory}/${String(index).padStart(2, '0')}.${plugin.type}.json`, `${JSON.stringify(pluginConfig(list, plugin))}\n`));
  return [fileEntry(`etc/cni/net.d/${basename(file)}`, text), ...plugins];
}

/** What a runtime passes to a plugin of a list (specification 1.0.0, section 3): `capabilities` is for the runtime. */
function pluginConfig({ cniVersion, name }: NetworkList, { capabilities: _, ...plugin }: Record<string, unknown>): Record<string, unknown> {
  return { ...plugin, cniVersion, name };
}

/** The list, checked as far as the runner depends on it; a plugin checks its own configuration. */
export function parseNetworkList(file: string, text: string): NetworkList {
  const list = parseJson(file, text);
  const { cniVersion, name, plugins } = isObject(list) ? list : {};
  check(isObject(list), file, '', 'an object', list);
  check(CNI_VERSIONS.includes(cniVersion as string), file, '/cniVersion', `one of ${CNI_VERSIONS.join(', ')}`, cniVersion);
  check(isName(name), file, '/name', 'a name of letters, digits, "_", "." and "-"', name);
  check(Array.isArray(plugins) && plugins.length > 0, file, '/plugins', 'a list with at least one plugin', plugins);
  for (const [index, plugin] of (plugins as unknown[]).entries()) {
    check(isObject(plugin), file, `/plugins/${index}`, 'an object', plugin);
    check(isName((plugin as Record<string, unknown>)['type']), file, `/plugins/${index}/type`, 'the name of a plugin, such as "bridge"', (plugin as Record<string, unknown>)['type']);
  }
  return list as NetworkList;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BuildError('CNI_CONFIG_INVALID', `${file}: not JSON: ${(cause as Error).message}`, { cause, hint: `Correct ${file}.` });
  }
}

function check(ok: boolean, file: string, path: string, expected: string, actual: unknown): void {
  if (ok) return;
  throw new BuildError('CNI_CONFIG_INVALID', `${file}: ${path || 'the file'}: expected ${expected}, got ${JSON.stringify(actual) ?? 'nothing'}`, { hint: `Correct ${file}; the format is a network list of the CNI specification.` });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(value);
}

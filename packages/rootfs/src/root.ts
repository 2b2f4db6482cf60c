import { BuildError } from '@container-os/core';
import { bytesOf, merge, type Entry, type Layer } from '@container-os/cpio';
import { basename } from 'node:path';
import { requireBundlesFit } from './bundles.ts';

/**
 * Merges `layers` into a root file system and checks it; `init` is the path of the program that becomes process 1.
 *
 * @throws BuildError those of merge, LAYERS_MISSING, OVERRIDES_UNKNOWN_LAYER, INIT_MISSING, OCI_RUNTIME_MISSING, VOLUME_NOT_MAPPED, those of requireBundlesFit.
 */
export function assembleRoot(layers: readonly Layer[], overrides: Readonly<Record<string, string[]>>, init: string): Entry[] {
  const names = layers.map(({ name }) => name);
  if (names.length === 0) {
    throw new BuildError('LAYERS_MISSING', '"layers" is empty', {
      hint: 'Add the targets that make the root file system, such as "busybox" and "system", to "layers" and to "dependsOn".',
    });
  }
  const unknown = Object.keys(overrides).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new BuildError('OVERRIDES_UNKNOWN_LAYER', `"overrides" names "${unknown}"; the layers are ${names.join(', ')}`, {
      hint: 'Correct the name, or add the target to "layers" and to "dependsOn".',
    });
  }
  const root = merge(layers.map((layer) => ({ ...layer, overrides: overrides[layer.name] ?? [] })));
  requireInit(root, init, names);
  requireOciRuntime(root, names);
  requireIdMaps(root);
  requireBundlesFit(root);
  return root;
}

/** Without an init the kernel would panic. */
function requireInit(root: readonly Entry[], path: string, names: readonly string[]): void {
  const init = root.find((entry) => entry.path === path);
  if (init?.type === 'symlink' || (init?.type === 'file' && (init.mode & 0o111) !== 0)) return;
  const fault = !init
    ? `none of the layers ${names.join(', ')} has it`
    : init.type === 'file'
      ? `its mode is 0${init.mode.toString(8)}`
      : `it is a ${init.type}`;
  throw new BuildError('INIT_MISSING', `process 1 must be /${path}, an executable file or a symlink: ${fault}`, {
    hint: `Add the target that makes /${path}, such as "system" or "busybox", to "layers" and to "dependsOn".`,
  });
}

/** The layer of `system` links to the OCI runtime: without the runtime no container would start. */
function requireOciRuntime(root: readonly Entry[], names: readonly string[]): void {
  const link = root.find(({ path }) => path === 'usr/lib/container-os/oci-runtime');
  if (link?.type !== 'symlink' || root.some(({ path }) => `/${path}` === link.target)) return;
  throw new BuildError('OCI_RUNTIME_MISSING', `the OCI runtime is ${link.target}, but none of the layers ${names.join(', ')} has it`, {
    hint: `Correct "ociRuntime" in x-os, or use a channel that has ${basename(link.target)}; or add that target to "layers" and to "dependsOn".`,
  });
}

/** A runtime without id-mapped mounts ignores the option, and the container's volume would belong to nobody. */
function requireIdMaps(root: readonly Entry[]): void {
  const reason = textOf(root.find(({ path }) => path === 'usr/lib/oci-runtime/no-idmap'));
  if (reason === undefined) return;
  for (const entry of root) {
    const name = /^containers\/([^/]+)\/config\.json$/.exec(entry.path)?.[1];
    const { mounts = [] } = (name ? JSON.parse(textOf(entry) ?? '{}') : {}) as { mounts?: { source?: string; options?: string[] }[] };
    const mount = mounts.find(({ options }) => options?.includes('idmap'));
    if (!mount) continue;
    throw new BuildError('VOLUME_NOT_MAPPED', `container ${name} has a volume, ${mount.source}, which needs an id-mapped mount: ${reason.trim()}`, {
      hint: 'Use crun, or runc 1.2 or later; or remove the volume; or leave the service out of this configuration: "services" in x-os.configurations.',
    });
  }
}

function textOf(entry: Entry | undefined): string | undefined {
  return entry?.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : undefined;
}

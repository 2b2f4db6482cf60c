import { BuildError } from '@container-os/core';
import type { SystemOptions } from './schema.d.ts';

/** The plan, as JSON. */
export interface RuntimePlan {
  hostname: string;
  /** The OCI runtime. */
  ociRuntime: SystemOptions['ociRuntime'];
  /** The image's name, for /etc/os-release. */
  image: string;
  /** In the order in which containers join them; a list is text, or to be read from a file of the image. */
  networks: { file: string; text?: string }[];
  /** A file of the image that replaces the package's own; null: none. */
  motd: string | null;
  /** Whether the OS uses or creates a data disk. */
  dataDisk: SystemOptions['dataDisk'];
  /** The network card that is preferred; '': the one whose lease comes first. */
  uplink: string;
  /** Lines added to /etc/inittab. */
  inittab: string[];
}

export function planRuntime(options: SystemOptions, { image }: { image: string }): RuntimePlan {
  const { hostname, ociRuntime, networks, motd, dataDisk, uplink, consoleContainer, consoleShell } = options;
  return {
    hostname: hostname === undefined ? hostnameOf(image) : checkHostname(hostname),
    ociRuntime,
    image,
    networks: sortNetworks(networks),
    motd: motd ?? null,
    dataDisk,
    uplink: uplink ?? '',
    inittab: consoleContainer || consoleShell ? [`::respawn:/usr/lib/container-os/console ${consoleContainer || '-'} ${consoleShell ? 'yes' : 'no'}`] : [],
  };
}

/** The name of a project may have an underscore, be longer, and end in a hyphen. */
function hostnameOf(image: string): string {
  return checkHostname(image.replaceAll('_', '-').slice(0, 63).replace(/-+$/, ''));
}

/** A hostname is one label of RFC 1123, at most 63 characters; the kernel holds 64. */
function checkHostname(hostname: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(hostname)) return hostname;
  throw new BuildError('HOSTNAME_INVALID', `hostname ${JSON.stringify(hostname)}: expected 1 to 63 letters, digits and inner hyphens`, {
    hint: 'Correct the option "hostname".',
  });
}

/** Sorts by file name, as every CNI runtime orders /etc/cni/net.d. */
function sortNetworks(networks: SystemOptions['networks']): RuntimePlan['networks'] {
  const byName = new Map<string, { file: string; text?: string }>();
  for (const network of networks) {
    const entry = typeof network === 'string' ? { file: network } : { file: network.file, text: `${JSON.stringify(network.list, null, 2)}\n` };
    const { file } = entry;
    const name = file.slice(file.lastIndexOf('/') + 1);
    const other = byName.get(name);
    if (!name.endsWith('.conflist'))
      throw invalid(`${file}: expected a network list (*.conflist)`, 'Write the network as a list of plugins in a file named *.conflist.');
    if (other !== undefined) throw invalid(`${other.file} and ${file} would both be /etc/cni/net.d/${name}`, 'Rename one of the two.');
    byName.set(name, entry);
  }
  return [...byName.keys()].sort().flatMap((name) => byName.get(name) ?? []);
}

function invalid(message: string, hint: string): BuildError {
  return new BuildError('CNI_CONFIG_INVALID', message, { hint });
}

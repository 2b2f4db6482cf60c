import { BuildError } from '@container-os/core';
import { bytesOf, type Entry } from '@container-os/cpio';

/** A bundle below /containers, as far as it can be at odds with another. */
interface Bundle {
  name: string;
  config: { linux?: { uidMappings?: { hostID: number; size: number }[] } };
  /** None of a bundle that was not made from one. */
  definition: {
    depends_on?: Record<string, { condition: string; required?: boolean }>;
    healthcheck?: object;
    network_mode?: string;
    ports?: string[];
  };
}

/**
 * Refuses containers that cannot be in one image: inference sees those of one Compose file before anything is built; here are those of OCI images, of
 * configurations and of other plugins too.
 *
 * @throws BuildError IDS_TAKEN, PORT_TAKEN, DEPENDENCY_MISSING, HEALTH_CHECK_MISSING
 */
export function requireBundlesFit(root: readonly Entry[]): void {
  const bundles = readBundles(root);
  const all = [...bundles.values()];
  for (const [index, bundle] of all.entries()) {
    for (const other of all.slice(0, index)) {
      requireOwnIds(other, bundle);
      requireOwnPorts(other, bundle);
    }
    requireDependencies(bundle, bundles);
  }
}

function readBundles(root: readonly Entry[]): Map<string, Bundle> {
  const bundles = new Map<string, Bundle>();
  for (const entry of root) {
    const [, name = '', file] = /^containers\/([^/]+)\/(config|definition)\.json$/.exec(entry.path) ?? [];
    if (file === undefined || entry.type !== 'file') continue;
    const json = JSON.parse(Buffer.from(bytesOf(entry.data)).toString()) as object;
    bundles.set(name, { ...(bundles.get(name) ?? { name, config: {}, definition: {} }), [file]: json });
  }
  return bundles;
}

function requireOwnIds(one: Bundle, other: Bundle): void {
  for (const { hostID: first, size } of one.config.linux?.uidMappings ?? []) {
    const same = other.config.linux?.uidMappings?.find(({ hostID, size: count }) => hostID < first + size && first < hostID + count);
    if (!same) continue;
    throw new BuildError('IDS_TAKEN', `the containers ${one.name} and ${other.name} both have the user ${Math.max(first, same.hostID)} of the OS`, {
      hint: `Rename one of them: the ids come from the name. Or give ${other.name} an "x-first-id" of its own, a multiple of 65536.`,
    });
  }
}

function requireOwnPorts(one: Bundle, other: Bundle): void {
  const ports = portsOf(one);
  const same = portsOf(other).find((port) => ports.some(({ number, protocol }) => number === port.number && protocol === port.protocol));
  if (!same) return;
  throw new BuildError('PORT_TAKEN', `the containers ${one.name} and ${other.name} both publish port ${same.number}/${same.protocol} of the OS`, {
    hint: 'Change "ports" of one of the services.',
  });
}

/** `[address:]port:port[/protocol]` */
function portsOf({ definition: { ports = [], network_mode = 'bridge' } }: Bundle): { number: string; protocol: string }[] {
  return (network_mode === 'bridge' ? ports : []).flatMap((text) => {
    const [, number, protocol = 'tcp'] = /(\d+):\d+(?:\/(\w+))?$/.exec(text) ?? [];
    return number === undefined ? [] : [{ number, protocol }];
  });
}

function requireDependencies({ name, definition }: Bundle, bundles: ReadonlyMap<string, Bundle>): void {
  for (const [other, { condition, required = true }] of Object.entries(definition.depends_on ?? {})) {
    const needed = bundles.get(other);
    if (!needed && required)
      throw new BuildError('DEPENDENCY_MISSING', `the container ${name} waits for ${other}, which the image does not have`, {
        hint: 'Add its service, or delete it from "depends_on".',
      });
    if (needed && condition === 'service_healthy' && !needed.definition.healthcheck)
      throw new BuildError(
        'HEALTH_CHECK_MISSING',
        `the container ${name} waits until ${other} is healthy, and neither its service nor its image has a health check`,
        {
          hint: `Write "healthcheck" in the service of ${other}, or wait for service_started.`,
        },
      );
  }
}

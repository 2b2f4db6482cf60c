import { BuildError } from '@container-os/core/errors';
import type { PlaceOf } from '../x-os.ts';
import type { Port, Service } from './model.ts';

/** A port of the OS that a container has, and where the file says so. */
interface Claim {
  host: string | undefined;
  protocol: string;
  port: number;
  container: string;
  path: (string | number)[];
}

/** Ports for those who say none: where Docker takes any free one, and the same ones in each build. */
const DYNAMIC = { first: 49_152, last: 65_535 };

/**
 * The ports of each container, each with one port of the OS: that which the file says; one of a range that it says; else the container's own, or
 * the first free one from 49152 on.
 *
 * @throws BuildError PORT_TAKEN, PORT_FOR_REPLICAS
 */
export function assignPorts(services: Readonly<Record<string, Service>>, containersOf: (service: string) => string[], placeOf: PlaceOf): Map<string, Port[]> {
  const claims: Claim[] = [];
  const assigned = new Map<string, Port[]>();
  const wanted = Object.entries(services).flatMap(([service, { ports = [], network_mode: mode = 'bridge' }]) => {
    const containers = containersOf(service);
    if (mode !== 'bridge') {
      // Nothing is published from another network namespace: what that means is for the network mode to say.
      if (ports.length > 0) for (const container of containers) assigned.set(container, ports);
      return [];
    }
    return ports.flatMap((port, index) =>
      containers.map((container) => ({ container, port, containers, path: ['services', service, 'ports', index], candidates: candidatesOf(port) })),
    );
  });
  // Who leaves no choice comes first.
  const inOrder = [...wanted].sort(({ candidates: a }, { candidates: b }) => a.length - b.length);
  const chosen = new Map<(typeof wanted)[number], number>();
  for (const want of inOrder) {
    const { container, containers, port, path, candidates } = want;
    const fail = (code: string, message: string, hint: string): never => {
      throw new BuildError(code, `${placeOf(path)}: services.${String(path[1])}.ports: ${message}`, { hint });
    };
    const claim = { host: port.host_ip, protocol: port.protocol ?? 'tcp', container, path };
    let other: Claim | undefined;
    for (const candidate of candidates) {
      other = claims.find((one) => one.port === candidate && one.protocol === claim.protocol && overlap(one.host, claim.host));
      if (other) continue;
      claims.push({ ...claim, port: candidate });
      chosen.set(want, candidate);
      break;
    }
    if (!other || chosen.has(want)) continue;
    const published = `${port.published}/${claim.protocol}`;
    if (containers.includes(other.container) && containers.length > 1)
      fail(
        'PORT_FOR_REPLICAS',
        `the service has ${containers.length} containers, and ${published} is ${candidates.length === 1 ? 'one port' : `${candidates.length} ports`} of the OS`,
        `Publish a range of as many ports ("8080-${8080 + containers.length - 1}:80"), or no port of these containers, with a proxy before them.`,
      );
    fail(
      'PORT_TAKEN',
      `${published} of the OS is published by services.${String(other.path[1])} already, at ${placeOf(other.path)}`,
      'Publish one of them at another port ("8081:80"), or each at an address of the OS of its own ("10.0.0.1:8080:80").',
    );
  }
  for (const want of wanted) {
    const { container, port } = want;
    assigned.set(container, [...(assigned.get(container) ?? []), { ...port, published: String(chosen.get(want)) }]);
  }
  return assigned;
}

/** The ports of the OS that an entry leaves to choose from, the best first. */
function candidatesOf({ published = '', target }: Port): number[] {
  const [, low = '0', high = low] = /^(\d+)(?:-(\d+))?$/.exec(published) ?? [];
  if (Number(low) > 0) return range(Number(low), Number(high));
  return [target, ...range(DYNAMIC.first, DYNAMIC.last)];
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Whether two addresses of the OS can be one. */
function overlap(one: string | undefined, other: string | undefined): boolean {
  const isAny = (host: string | undefined): boolean => host === undefined || ['', '0.0.0.0', '::'].includes(host);
  return isAny(one) || isAny(other) || one === other;
}

import { defaultsOf } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import type { Fault } from './schema-fault.ts';
import { bytes, hasOwnIds, userOf } from './values.ts';

/** A mount of the OCI runtime configuration. */
export interface Mount {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
}

/** Whether a mount shows a file or directory that is there already. */
export function isBind({ type, options = [] }: Mount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind');
}

/** Directory of the named volumes, on the data disk. */
export const VOLUMES = '/var/lib/container-os/volumes';

/** Mount points of every container, and the kernel's file systems. */
const TAKEN = ['/etc/hosts', '/etc/resolv.conf'];
const KERNEL = ['/proc', '/sys', '/dev'];

interface Volume {
  /** A name on the data disk, or a path of the OS. */
  source: string;
  named: boolean;
  destination: string;
  modes: string[];
}

function parseVolumes({ volumes = [] }: Definition): Volume[] {
  return volumes.map((text) => {
    const [source = '', destination = '', modes = ''] = text.split(':');
    return { source, named: !source.startsWith('/'), destination, modes: modes.split(',') };
  });
}

/** The first storage fault that the schema cannot express. */
export function storageFault(definition: Definition): Fault | undefined {
  const { readOnly, temporary, hostnameFile } = defaultsOf(definition);
  const { read_only = readOnly, tmpfs = [], volumes = [] } = definition;
  if (read_only && definition['x-writable-layer'])
    return { path: '/x-writable-layer', expected: '"read_only": false together with it', actual: definition['x-writable-layer'] };
  const taken = new Set([
    ...TAKEN,
    ...(temporary ? ['/run', '/tmp'] : []),
    ...(hostnameFile ? ['/etc/hostname'] : []),
    ...tmpfs.map((text) => text.split(':')[0] ?? ''),
  ]);
  for (const [index, { source, named, destination, modes }] of parseVolumes(definition).entries()) {
    const fault = (expected: string): Fault => ({ path: `/volumes/${index}`, expected, actual: volumes[index] });
    if (!isPlain(destination) || !(named || source === '/' || isPlain(source))) return fault('paths without ".", "..", "//" or a trailing "/"');
    if (KERNEL.some((path) => `${destination}/`.startsWith(`${path}/`))) return fault('a path outside /proc, /sys and /dev');
    if (taken.has(destination)) return fault(`an unused mount point; ${destination} is already mounted`);
    if (modes.includes('ro') && modes.includes('rw')) return fault('"ro" or "rw", not both');
    taken.add(destination);
  }
  return undefined;
}

function isPlain(path: string): boolean {
  return /^(\/[^/]+)+$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..');
}

/**
 * On the disk, a volume's files have the ids inside the container; the mount maps them to the ids outside, so that
 * containers can share a volume. A path of the OS is not mapped: root's files stay root's.
 */
export function volumeMounts(definition: Definition): Mount[] {
  const mapped = hasOwnIds(definition);
  const { programsOnVolumes } = defaultsOf(definition);
  return parseVolumes(definition).map(({ source, named, destination, modes }) => ({
    destination,
    type: 'bind',
    source: named ? `${VOLUMES}/${source}` : source,
    options: [
      ...['bind', 'rprivate', 'nosuid', 'nodev'],
      ...(programsOnVolumes || modes.includes('exec') ? [] : ['noexec']),
      ...(modes.includes('ro') ? ['ro'] : []),
      ...(named && mapped ? ['idmap'] : []),
    ],
  }));
}

/** Named volumes; a writable one carries the user and group that own a newly created volume: `shop:1000:1000`. */
export function newVolumes(definition: Definition): string[] {
  const { uid, gid } = userOf(definition);
  return parseVolumes(definition)
    .filter(({ named }) => named)
    .map(({ source, modes }) => (modes.includes('ro') ? source : `${source}:${uid}:${gid}`));
}

/**
 * Where writes to the root go: empty for a read-only root; `disk`; `memory`, which containers share and which keeps the writes until the container
 * is deleted; or `memory:` and a size in bytes, for a layer that lasts as long as the container runs. The size is half of the memory
 * limit, so that the container runs out of space before its programs are killed for lack of memory.
 */
export function writableLayer(definition: Definition): string {
  const { readOnly, keepsWrites, memory = '' } = defaultsOf(definition);
  const { read_only = readOnly, 'x-writable-layer': layer = 'memory', mem_limit = memory } = definition;
  if (read_only) return '';
  return layer === 'disk' || keepsWrites ? layer : `memory:${Math.floor(bytes(mem_limit) / 2)}`;
}

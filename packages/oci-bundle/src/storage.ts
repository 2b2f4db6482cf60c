import { defaultsOf } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import type { Fault } from './schema-fault.ts';
import { bytes, userOf } from './values.ts';
import { directoryOf, volumesOf } from './volumes.ts';

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

/** Where the data disk is mounted on the OS. */
const DATA = '/var/lib/container-os';

/** Mount points of every container, and the kernel's file systems. */
const TAKEN = ['/etc/hosts', '/etc/resolv.conf'];
const KERNEL = ['/proc', '/sys', '/dev'];

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
  for (const [index, { type, source, target, ...rest }] of volumesOf(definition).entries()) {
    const written = volumes[index];
    const fault = (expected: string): Fault => ({ path: `/volumes/${index}`, expected, actual: written });
    const isPath = source?.startsWith('/') === true;
    if (type === 'tmpfs' ? source !== undefined : (type === 'bind') !== isPath) return fault(SOURCES[type]);
    const other = (['volume', 'tmpfs'] as const).find((kind) => rest[kind] && kind !== type);
    if (other) return fault(`no "${other}" with the type ${type}`);
    if (!isPlain(target) || !(!isPath || source === '/' || isPlain(source))) return fault('paths without ".", "..", "//" or a trailing "/"');
    if (rest.volume?.subpath !== undefined && !isPlain(`/${rest.volume.subpath}`)) return fault('a subpath without ".", "..", "//" or a trailing "/"');
    if (KERNEL.some((path) => `${target}/`.startsWith(`${path}/`))) return fault('a path outside /proc, /sys and /dev');
    if (taken.has(target)) return fault(`an unused mount point; ${target} is already mounted`);
    const modes = typeof written === 'string' ? (written.split(':')[2] ?? '').split(',') : [];
    if (modes.includes('ro') && modes.includes('rw')) return fault('"ro" or "rw", not both');
    taken.add(target);
  }
  return undefined;
}

const SOURCES = { volume: 'a name as the source of a volume, or none', bind: 'an absolute path as the source of a bind', tmpfs: 'no source of a tmpfs' };

function isPlain(path: string): boolean {
  return /^(\/[^/]+)+$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..');
}

/**
 * On the disk, a volume's files have the ids inside the container; the mount maps them to the ids outside, so that
 * containers can share a volume. A path of the OS is not mapped: root's files stay root's.
 */
export function volumeMounts(container: string, definition: Definition): Mount[] {
  const mapped = definition.userns_mode !== 'host';
  const { programsOnVolumes } = defaultsOf(definition);
  return volumesOf(definition).map((volume) => {
    const { type, source = '', target, read_only, exec, tmpfs = {} } = volume;
    if (type === 'tmpfs') return memoryMount(target, tmpfs, read_only);
    return {
      destination: target,
      type: 'bind',
      source: type === 'volume' ? `${DATA}/${directoryOf(container, volume)}` : source,
      options: [
        ...['bind', 'rprivate', 'nosuid', 'nodev'],
        ...(programsOnVolumes || exec ? [] : ['noexec']),
        ...(read_only ? ['ro'] : []),
        ...(type === 'volume' && mapped ? ['idmap'] : []),
      ],
    };
  });
}

function memoryMount(destination: string, { size, mode }: { size?: number; mode?: number }, readOnly = false): Mount {
  return {
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [
      ...['nosuid', 'nodev', 'noexec'],
      ...(size ? [`size=${size}`] : []),
      ...(mode === undefined ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`]),
      ...(readOnly ? ['ro'] : []),
    ],
  };
}

/**
 * Directories of the data disk that the container's volumes are; a writable one carries the user and group that own a newly created volume:
 * `volumes/shop:1000:1000`.
 */
export function newVolumes(container: string, definition: Definition): string[] {
  const { uid, gid } = userOf(definition);
  return volumesOf(definition)
    .filter(({ type }) => type === 'volume')
    .map((volume) => `${directoryOf(container, volume)}${volume.read_only ? '' : `:${uid}:${gid}`}`);
}

/** Whether a mount shows a volume. */
export function isVolume({ source = '' }: Mount): boolean {
  return source.startsWith(`${DATA}/`);
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

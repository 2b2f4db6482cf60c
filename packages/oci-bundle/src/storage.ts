import { bindSource, isGiven, isOfOsItself, isOnDisk } from './binds.ts';
import { shellQuote } from '@container-os/core/portable';
import { defaultsOf } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import { firstId, ID_COUNT } from './id-range.ts';
import type { Fault } from './schema-fault.ts';
import { bytes, hasOwnIds, userOf } from './values.ts';
import { directoryOf, volumesOf, type Volume } from './volumes.ts';

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

/** Whether a path is of the kernel's file systems, which every container has. */
export function isOfKernel(path: string): boolean {
  return KERNEL.some((one) => `${path}/`.startsWith(`${one}/`));
}

/** Binds of /proc, /sys and /dev of the OS, by place: they take the place of what every container has there. */
export function kernelBinds(definition: Pick<Definition, 'volumes'>): ReadonlyMap<string, Volume> {
  return new Map(volumesOf(definition).flatMap((volume) => (isKernelBind(volume) ? [[volume.target, volume]] : [])));
}

function isKernelBind({ type, source, target }: Volume): boolean {
  return type === 'bind' && source === target && KERNEL.includes(target);
}

/** Where something is mounted already, beside the volumes. */
function placesBeside(definition: Pick<Definition, 'tmpfs' | 'x-profile'>): string[] {
  const { temporary, hostnameFile } = defaultsOf(definition);
  const own = (definition.tmpfs ?? []).map((text) => text.split(':')[0] ?? '');
  return [...TAKEN, ...(temporary ? ['/run', '/tmp'] : []), ...(hostnameFile ? ['/etc/hostname'] : []), ...own];
}

/** Where something is mounted. */
export function placesTaken(definition: Pick<Definition, 'tmpfs' | 'volumes' | 'x-profile'>): string[] {
  return [...placesBeside(definition), ...volumesOf(definition).map(({ target }) => target)];
}

/** The first storage fault that the schema cannot express. */
export function storageFault(definition: Definition): Fault | undefined {
  const { read_only = defaultsOf(definition).readOnly, volumes = [] } = definition;
  if (read_only && definition['x-writable-layer'])
    return { path: '/x-writable-layer', expected: '"read_only": false together with it', actual: definition['x-writable-layer'] };
  const taken = new Set(placesBeside(definition));
  for (const [index, volume] of volumesOf(definition).entries()) {
    const { type, source, target, ...rest } = volume;
    const written = volumes[index];
    const fault = (expected: string): Fault => ({ path: `/volumes/${index}`, expected, actual: written });
    const isPath = source?.startsWith('/') === true;
    const copy = rest['x-workspace'];
    if (copy && copy.copy === undefined) return fault('no path of the workspace: only the build of an image copies files into it');
    if (type === 'tmpfs' ? source !== undefined : (type === 'bind') !== (isPath || copy !== undefined)) return fault(SOURCES[type]);
    const other = (['volume', 'tmpfs'] as const).find((kind) => rest[kind] && kind !== type);
    if (other) return fault(`no "${other}" with the type ${type}`);
    if (!isPlain(target) || !(!isPath || source === '/' || isPlain(source))) return fault('paths without ".", "..", "//" or a trailing "/"');
    if (rest.volume?.subpath !== undefined && !isPlain(`/${rest.volume.subpath}`)) return fault('a subpath without ".", "..", "//" or a trailing "/"');
    if ((KERNEL.includes(target) && !isKernelBind(volume)) || target.startsWith('/proc/'))
      return fault(`another path than /proc, /sys and /dev, which every container has, or that of the OS: "${target}:${target}"`);
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
  const mapped = hasOwnIds(definition);
  const { programsOnVolumes } = defaultsOf(definition);
  let subpaths = 0;
  const mounted = volumesOf(definition).filter((volume) => !isKernelBind(volume));
  return mounted.map((volume) => {
    const { type, target, read_only, exec, tmpfs = {} } = volume;
    if (type === 'tmpfs') return memoryMount(target, tmpfs, read_only);
    return {
      destination: target,
      type: 'bind',
      source:
        type === 'bind'
          ? bindSource(volume)
          : volume.volume?.subpath === undefined
            ? `${DATA}/${directoryOf(container, volume)}`
            : `${subpathsOf(container)}/${subpaths++}`,
      options: [
        // The kernel shows a user namespace no part of the OS without what is mounted below it.
        ...[isOfOsItself(volume) ? 'rbind' : 'bind', 'rprivate', 'nosuid'],
        // The control group says which devices a container has.
        ...(type === 'bind' && /^\/dev(\/|$)/.test(bindSource(volume)) ? [] : ['nodev']),
        ...(programsOnVolumes || exec ? [] : ['noexec']),
        ...(read_only || isGiven(volume) ? ['ro'] : []),
        ...(isOnDisk(volume) && mapped ? ['idmap'] : []),
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

/** What the supervisor prepares on the data disk before the container is created: shell variables and the function `prepare_volumes`. */
export function volumeLines(container: string, definition: Definition): string[] {
  const volumes = volumesOf(definition).filter(({ type }) => type === 'volume');
  const { uid, gid } = userOf(definition);
  // In a root of layers root owns what nobody has changed, so that the user is a better guess. An OCI image says who.
  const owner = (readOnly = false): string => (definition.image || readOnly ? '' : `${uid}:${gid}`);
  const calls = volumes.map((volume) => {
    const { target, read_only, volume: { nocopy = false, subpath = '' } = {} } = volume;
    return ['volume', ...[directoryOf(container, volume), target, owner(read_only), nocopy ? 'nocopy' : 'copy', subpath].map(shellQuote)].join(' ');
  });
  return [
    `volumes='${volumes.map((volume) => directoryOf(container, volume)).join(' ')}'`,
    ...(calls.length === 0
      ? []
      : [
          `ids='${definition.userns_mode === 'host' ? 0 : (definition['x-first-id'] ?? firstId(container))} ${ID_COUNT}'`,
          `prepare_volumes() { ${calls.join('; ')}; }`,
        ]),
  ];
}

/** Whether a mount shows a volume. */
export function isVolume({ source = '' }: Mount): boolean {
  return source.startsWith(`${DATA}/`) || /^\/run\/container-os\/containers\/[^/]+\/subpaths\//.test(source);
}

/** Where the supervisor mounts the directories of volumes of which only these are mounted, in order. */
function subpathsOf(container: string): string {
  return `/run/container-os/containers/${container}/subpaths`;
}

/**
 * Where writes to the root go: empty for a read-only root; `disk`; `memory`, which containers share and which keeps the writes until the container
 * is deleted; `auto`, which is the disk where there is one, else memory; or `memory:` and a size in bytes, for a layer that lasts as long as the
 * container runs. The size is half of the memory limit, so that the container runs out of space before its programs are killed for lack of memory.
 */
export function writableLayer(definition: Definition): string {
  const { readOnly, keepsWrites, memory = '' } = defaultsOf(definition);
  const { read_only = readOnly, 'x-writable-layer': layer, mem_limit = memory } = definition;
  if (read_only) return '';
  if (layer === 'disk' || keepsWrites) return layer ?? 'auto';
  return `memory:${Math.floor(bytes(mem_limit) / 2)}`;
}

import { isOfOs } from '@container-os/compose-file/opt-outs';
import { shellQuote } from '@container-os/core/portable';
import type { Definition } from './definition.schema.d.ts';
import { userOf } from './values.ts';
import { volumesOf, type Volume } from './volumes.ts';

/** The data disk. */
const DATA = '/var/lib/container-os';

/** The OS has these for containers: its time zone is UTC. */
export function isGiven({ type, source = '' }: Volume): boolean {
  return type === 'bind' && ['/etc/localtime', '/etc/timezone'].includes(source);
}

/** Whether a mount shows files of the data disk. */
export function isOnDisk(volume: Volume): boolean {
  if (volume.type !== 'bind') return volume.type === 'volume';
  if (volume['x-workspace']) return volume['x-workspace'].kept !== undefined;
  return !isOfOs(volume) && !isGiven(volume);
}

/** Whether a bind shows a path of the OS, an opt-out. */
export function isOfOsItself(volume: Volume): boolean {
  return volume['x-workspace'] === undefined && isOfOs(volume);
}

/** What of the OS a bind shows: a copy of the workspace, in the image or on the data disk; a directory of the data disk; or a path of the OS itself. */
export function bindSource(volume: Volume): string {
  const { source = '', 'x-workspace': copy } = volume;
  if (!copy) return isOnDisk(volume) ? `${DATA}/data${source}` : source;
  const { copy: inImage = '', kept, subpath } = copy;
  return `${kept === undefined ? inImage : `${DATA}/${placeOf(kept)}`}${subpath === undefined ? '' : `/${subpath}`}`;
}

/** One name for a whole path: below `binds` no copy is in another one. */
function placeOf(path: string): string {
  return `binds/${encodeURIComponent(path)}`;
}

/**
 * What the OS does for the binds before the container starts: a shell function, whose words name what prepare-binds has. A directory and a copy carry
 * the user who owns a new one.
 */
export function bindLines(definition: Definition): string[] {
  const { uid, gid } = userOf(definition);
  const binds = volumesOf(definition).filter((volume) => volume.type === 'bind' && (volume['x-workspace'] === undefined || isOnDisk(volume)));
  const lines = binds.map((volume) => {
    const { source = '', read_only, 'x-workspace': copy } = volume;
    if (copy) return `copy ${words(copy.copy ?? '', placeOf(copy.kept ?? ''), `${uid}:${gid}`)}`;
    return isOnDisk(volume) ? `directory ${words(`data${source}`, read_only ? '0:0' : `${uid}:${gid}`)}` : `of_os ${words(source)}`;
  });
  if (lines.length === 0) return [];
  return [`binds=${binds.some(isOnDisk) ? 'disk' : 'os'}`, `prepare_binds() {`, ...new Set(lines.map((line) => `  ${line}`)), '}'];
}

function words(...all: string[]): string {
  return all.map(shellQuote).join(' ');
}

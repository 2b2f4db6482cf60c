import { BuildError, type BuildContext } from '@container-os/core';
import { directoryEntry, fileEntry, FileOnDisk, toTree, type Entry } from '@container-os/cpio';
import { readTree } from '@container-os/cpio/fs';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Definition } from './definition.schema.d.ts';
import type { Mount } from './storage.ts';
import type { Shown } from './rootfs.ts';
import { volumesOf } from './volumes.ts';

/** The service with the places of the copies of the workspace that its volumes mount. */
export function withCopies<Service extends Pick<Definition, 'volumes'>>(service: Service, binds: readonly string[], name: string): Service {
  const volumes = service.volumes?.map((volume) => {
    if (typeof volume === 'string' || !volume['x-workspace']) return volume;
    return { ...volume, 'x-workspace': { ...volume['x-workspace'], copy: `/containers/${name}/binds/${binds.indexOf(volume.source ?? '')}` } };
  });
  return volumes ? { ...service, volumes } : service;
}

/** What the volumes of a definition show, as far as the workspace has it. */
export function shownBy(definition: Definition, context: Pick<BuildContext, 'file'>): Shown {
  return new Map(
    volumesOf(definition).flatMap(({ source = '', target, 'x-workspace': copy }) =>
      copy ? [[target, kindOf(join(context.file(source), copy.subpath ?? '')) ?? 'directory'] as const] : [],
    ),
  );
}

/**
 * Copies of the workspace for the bundle: root's, with the modes of any layer. A path that is not there is an empty directory, as it is for Docker,
 * and told. A copy that nobody writes to has the places of all that is mounted in it, because nobody could make them later.
 *
 * @throws BuildError BIND_MISSING, and what `readTree` throws
 */
export async function copyWorkspace(
  definition: Definition,
  { binds, mounts, shown, place }: { binds: readonly string[]; mounts: readonly Mount[]; shown: Shown; place: string },
  context: Pick<BuildContext, 'file' | 'log'>,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [index, path] of binds.entries()) {
    const below = `binds/${index}`;
    const file = context.file(path);
    const kind = kindOf(file);
    const volumes = volumesOf(definition).filter(({ source, 'x-workspace': copy }) => copy && source === path);
    if (kind === undefined) {
      const targets = volumes.map(({ target }) => target).join(', ');
      if (volumes.some((volume) => volume['x-workspace']?.required))
        throw new BuildError('BIND_MISSING', `${place}: volumes: ${targets}: ${path} is not there, and create_host_path is false`, {
          hint: 'Create the path, or delete create_host_path: it is then an empty directory.',
        });
      context.log.info(`${path} is not there: ${targets} is an empty directory`);
    }
    if (kind === 'file') {
      entries.push(readFileEntry(file, below));
      continue;
    }
    const tree = kind === undefined ? [] : await readTree(file, { below });
    const there = new Set(tree.map((entry) => entry.path));
    const places = volumes.flatMap(({ target, 'x-workspace': { kept, subpath = '' } = {} }) => [
      ...(subpath === '' ? [] : [{ at: `${below}/${subpath}`, isFile: false }]),
      ...(kept === undefined ? mounts.filter((one) => one.destination.startsWith(`${target}/`)) : []).map(({ destination }) => ({
        at: join(below, subpath, destination.slice(target.length)),
        isFile: shown.get(destination) === 'file',
      })),
    ]);
    const missing = [...new Map(places.map((one) => [one.at, one])).values()].filter(({ at }) => !there.has(at));
    entries.push(directoryEntry(below), ...tree, ...missing.map(({ at, isFile }) => (isFile ? fileEntry(at, '') : directoryEntry(at))));
  }
  return entries.length > 0 ? toTree([directoryEntry('binds'), ...entries]) : [];
}

/** A single file, as `readTree` takes those of a directory. */
function readFileEntry(file: string, path: string): Entry {
  const { size, mode } = statSync(file);
  return { ...fileEntry(path, '', (mode & 0o100) === 0 ? 0o644 : 0o755), data: new FileOnDisk(file, size) };
}

/** Of `binds`, those that are single files which their owner may execute: the hash of a single file has its content alone. */
export function executables(binds: readonly string[], directory: string): string[] {
  return binds.filter((path) => {
    const stat = statSync(join(directory, path), { throwIfNoEntry: false });
    return stat?.isFile() === true && (stat.mode & 0o100) !== 0;
  });
}

function kindOf(file: string): 'file' | 'directory' | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  return stat.isDirectory() ? 'directory' : 'file';
}

import type { Definition } from './definition.schema.d.ts';
import { firstId } from './id-range.ts';
import type { Fault } from './schema-fault.ts';
import type { Mount } from './storage.ts';

/** A secret or config of a container. */
export type MountedFile = NonNullable<Definition['secrets']>[number] & { kind: 'secrets' | 'configs' };

const MODE = 0o444;

/** Secrets, then configs: the place in this list names the file on the OS. */
export function mountedFiles({ secrets = [], configs = [] }: Definition): MountedFile[] {
  return [...secrets.map((file) => ({ kind: 'secrets' as const, ...file })), ...configs.map((file) => ({ kind: 'configs' as const, ...file }))];
}

/** The service with the places of the files that `containers/NAME/files` of the image has; contents are not looked at. */
export function withPlaces<Service extends Pick<Definition, 'secrets' | 'configs'>>(service: Service, name: string): Service {
  const first = service.secrets?.length ?? 0;
  const placed = (list: Definition['secrets'], from: number): object[] | undefined =>
    list?.map((file, index) => (file.external ? file : { ...file, 'x-file': `/containers/${name}/files/${from + index}` }));
  const places = { secrets: placed(service.secrets, 0), configs: placed(service.configs, first) };
  return { ...service, ...Object.fromEntries(Object.entries(places).filter(([, value]) => value !== undefined)) };
}

/** Owner and mode in the container. */
export function ownerOf({ uid = '0', gid = '0', mode }: MountedFile): { uid: number; gid: number; mode: number } {
  return { uid: Number(uid), gid: Number(gid), mode: mode === undefined ? MODE : parseInt(mode, 8) };
}

/** An external one is put into memory when the container starts. */
export function fileMounts(name: string, definition: Definition): Mount[] {
  return mountedFiles(definition).map((file, index) => ({
    destination: file.target,
    type: 'bind',
    source: file['x-file'] ?? `/run/container-os/containers/${name}/files/${index}`,
    options: ['bind', 'ro', 'nosuid', 'nodev', ...(file['x-file'] ? [] : ['noexec'])],
  }));
}

/** Those that the OS has to find before the container starts, for the supervisor: `INDEX:secrets/NAME:UID:GID:MODE`, with ids of the OS. */
export function externalFiles(name: string, definition: Definition): string[] {
  const first = definition.userns_mode === 'host' ? 0 : (definition['x-first-id'] ?? firstId(name));
  return mountedFiles(definition).flatMap((file, index) => {
    if (file['x-file']) return [];
    const { uid, gid, mode } = ownerOf(file);
    return [`${index}:${file.kind}/${file.source}:${first + uid}:${first + gid}:${mode.toString(8)}`];
  });
}

/** The first fault that the schema cannot express. */
export function mountedFilesFault(definition: Definition): Fault | undefined {
  const taken = new Set<string>();
  for (const [index, { kind, target, external, 'x-file': file }] of mountedFiles(definition).entries()) {
    const path = `/${kind}/${kind === 'secrets' ? index : index - (definition.secrets?.length ?? 0)}`;
    if (external !== (file === undefined ? true : undefined))
      return { path: `${path}/external`, expected: 'true: only the build of an image copies files into it', actual: external };
    if (taken.has(target)) return { path: `${path}/target`, expected: 'a path of its own', actual: target };
    taken.add(target);
  }
  return undefined;
}

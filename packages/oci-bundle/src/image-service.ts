import type { ImageConfig } from '@container-os/oci-image';
import type { Definition } from './definition.ts';
import { milliseconds } from './duration.ts';
import { signalOf } from './signal.ts';
import { isOfKernel, placesTaken } from './storage.ts';

type Healthcheck = NonNullable<Definition['healthcheck']>;

/** A service whose OCI image says what the service does not: no value and an empty list differ, as they do in Compose. */
export type ImageService = Omit<Definition, 'rootfs' | 'image' | 'command' | 'healthcheck'> & {
  entrypoint?: string[];
  command?: string[];
  /** `test: ["NONE"]`: no check, whatever the image has. */
  healthcheck?: Omit<Partial<Healthcheck>, 'test'> & { test?: string[] };
};

/** Variables of a service by name; undefined: not set, whatever the image says. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The definition of a container: what its service says, and what of the image's configuration is left. The user's name and the values are
 * unchecked.
 */
export function withImage(service: ImageService, image: ImageConfig, variables: Variables = {}): Record<string, unknown> {
  const { entrypoint: _, command: __, healthcheck, ...rest } = service;
  const all = {
    ...rest,
    command: commandOf(service, image),
    environment: environmentOf(image.Env ?? [], variables),
    // Nothing between the quotes is as good as no key.
    user: service.user || image.User || '0',
    working_dir: service.working_dir || image.WorkingDir || undefined,
    stop_signal: stopSignalOf(service.stop_signal || image.StopSignal),
    healthcheck: healthcheckOf(healthcheck, image),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Places of an image's volumes, as a definition writes paths. */
export function volumesOfImage({ Volumes }: ImageConfig): string[] {
  return Object.keys(Volumes ?? {}).map(
    (path) =>
      `/${path
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .join('/')}`,
  );
}

/** The volumes of the service, and one without a name for each volume of the image where nothing else is mounted. */
export function withVolumes(service: ImageService, image: ImageConfig): { volumes?: Definition['volumes'] } {
  const { volumes = [] } = service;
  const taken = new Set(placesTaken(service));
  const added = volumesOfImage(image).filter((target) => target !== '/' && !taken.has(target) && !isOfKernel(target));
  const all = [...volumes, ...[...new Set(added)].map((target) => ({ type: 'volume' as const, target }))];
  return all.length > 0 ? { volumes: all } : {};
}

/**
 * An entrypoint of the service's own drops the image's command; an empty one drops the image's entrypoint alone, as does a list with one
 * empty word, which drops the command too.
 */
function commandOf({ entrypoint, command = [] }: ImageService, { Entrypoint, Cmd }: ImageConfig): string[] {
  const own = entrypoint && entrypoint.length > 0 ? command : command.length > 0 ? command : (Cmd ?? []);
  const program = entrypoint ?? Entrypoint ?? [];
  return [...(program.length === 1 && program[0] === '' ? [] : program), ...own];
}

function environmentOf(ofImage: readonly string[], variables: Variables): Record<string, string> {
  const values = new Map<string, string>();
  for (const line of ofImage) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1));
  }
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) values.delete(name);
    else values.set(name, value);
  }
  return Object.fromEntries(values);
}

function stopSignalOf(signal: string | undefined): string | undefined {
  return signal === undefined ? undefined : (signalOf(signal) ?? signal);
}

/** Each field of the service's own, else the image's. Without a test there is no check. */
function healthcheckOf(own: ImageService['healthcheck'] = {}, { Healthcheck: image = {}, Shell: shell }: ImageConfig): object | undefined {
  const [kind, ...words] = own.test && own.test.length > 0 ? own.test : (image.Test ?? []);
  if (kind === undefined || kind === 'NONE') return undefined;
  const check = {
    test: kind === 'CMD-SHELL' && shell && shell.length > 0 ? ['CMD', ...shell, ...words] : [kind, ...words],
    interval: said(own.interval) ?? durationOf(image.Interval),
    timeout: said(own.timeout) ?? durationOf(image.Timeout),
    retries: own.retries || image.Retries || undefined,
    start_period: said(own.start_period) ?? durationOf(image.StartPeriod),
    start_interval: said(own.start_interval) ?? durationOf(image.StartInterval),
  };
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined));
}

/** To Docker, no time is as good as no key. */
function said(duration: string | undefined): string | undefined {
  return duration === undefined || milliseconds(duration) === 0 ? undefined : duration;
}

/** The OS counts in milliseconds. */
function durationOf(nanoseconds = 0): string | undefined {
  return nanoseconds > 0 ? `${Math.ceil(nanoseconds / 1e6) / 1000}s` : undefined;
}

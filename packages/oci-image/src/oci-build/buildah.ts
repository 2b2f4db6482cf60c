import { SOURCE_DATE_EPOCH } from '@container-os/core';
import { join } from 'node:path';
import type { OciBuildOptions } from './schema.d.ts';

/** Where one build has its files; all are removed after it. */
export interface BuildPlaces {
  scratch: string;
  /** The Dockerfile, outside of the context: nothing can be added to what was hashed. */
  dockerfile: string;
  /** A copy of what the hash has. */
  context: string;
  driver: 'overlay' | 'vfs';
  /** The runtime of RUN. */
  runtime: string;
  /** By name, as the Dockerfile has it: the image of the storage that stands for it. */
  images: Readonly<Record<string, string>>;
}

type Argv = [string, ...string[]];

/** The options before a command: storage of its own, so that no image of the machine is used and none is left. */
export function buildah({ scratch, driver }: Pick<BuildPlaces, 'scratch' | 'driver'>, command: string): Argv {
  return ['buildah', '--root', join(scratch, 'storage'), '--runroot', join(scratch, 'run'), '--storage-driver', driver, command];
}

/** The build itself: images come from the storage alone, and nothing of the machine goes in but the context and `args`. */
export function buildCommand({ args, target, network, platform }: OciBuildOptions, places: BuildPlaces): Argv {
  const { scratch, dockerfile, context, runtime, images } = places;
  return [
    ...buildah(places, 'build'),
    '--signature-policy',
    join(scratch, 'policy.json'),
    '--pull=never',
    '--isolation=oci',
    `--runtime=${runtime}`,
    `--network=${network}`,
    '--http-proxy=false',
    '--identity-label=false',
    // Docker's form has the health check, which that of OCI has no place for.
    '--format=docker',
    `--timestamp=${SOURCE_DATE_EPOCH}`,
    `--platform=${platform}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...Object.entries(images).map(([name, image]) => `--build-context=${name}=container-image://${image}`),
    `--ignorefile=${join(scratch, 'empty')}`,
    `--file=${dockerfile}`,
    '--tag=built',
    context,
  ];
}

/** Configuration, credentials and sockets of the machine are not to be found. */
export function buildEnvironment(scratch: string): Record<string, string> {
  return {
    HOME: join(scratch, 'home'),
    XDG_RUNTIME_DIR: join(scratch, 'home'),
    TMPDIR: join(scratch, 'tmp'),
    CONTAINERS_CONF: join(scratch, 'empty'),
    CONTAINERS_STORAGE_CONF: join(scratch, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(scratch, 'registries.conf'),
    REGISTRY_AUTH_FILE: join(scratch, 'auth.json'),
    http_proxy: '',
    https_proxy: '',
  };
}

/** The files that {@link buildEnvironment} and {@link buildCommand} name. */
export const CONFIGURATION: Readonly<Record<string, string>> = {
  empty: '',
  // An option says the driver, and this file has to say one.
  'storage.conf': '[storage]\ndriver = "vfs"\n',
  'policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}\n',
  'registries.conf': 'unqualified-search-registries = ["docker.io"]\n',
  'auth.json': '{}\n',
};

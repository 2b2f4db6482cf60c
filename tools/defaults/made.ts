import { ociConfig, serviceFile, type Definition, type DockerProfile, type OciConfig } from '@container-os/oci-bundle/container';

/** What a definition becomes: the OCI configuration, and the file for the OS's supervisor. */
export interface Made {
  config: OciConfig;
  service: string;
}

export type Make = (definition?: Partial<Definition>) => Made;

export const NAME = 'web';
const PROFILE: DockerProfile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }] };

/** Makes definitions of a profile. */
export function maker(profile: NonNullable<Definition['x-profile']>): Make {
  return (definition = {}) => {
    const whole: Definition = { rootfs: ['.'], command: ['/bin/true'], 'x-profile': profile, ...definition };
    const config = ociConfig(NAME, whole, PROFILE);
    return { config, service: serviceFile(NAME, whole, config) };
  };
}

/** The text, if it is true. */
export function when(holds: boolean, text: string): string {
  if (!holds) throw new Error(`no longer true: ${text}`);
  return text;
}

export function resources({ config }: Made): { memory?: { limit: number; swap: number }; pids?: { limit: number }; cpu?: object } {
  return config.linux?.['resources'] as object;
}

export function limits({ config }: Made): { type: string; soft: number; hard: number }[] {
  return config.process['rlimits'] as [];
}

export function environment({ config }: Made): Map<string, string> {
  return new Map((config.process.env ?? []).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

export function mountAt({ config }: Made, path: string): { options?: string[] } | undefined {
  return config.mounts?.find(({ destination }) => destination === path);
}

export function optionsOf(make: Make, volume: string): string {
  return list(mountAt(make({ volumes: [volume] }), '/x')?.options ?? []);
}

export function sizeOf(options: readonly string[]): string {
  const [, digits, unit = ''] = /^size=(\d+)([km])$/.exec(options.find((one) => one.startsWith('size=')) ?? '') ?? [];
  return mib(Number(digits) * (unit === 'k' ? 2 ** 10 : 2 ** 20));
}

export function mib(bytes: number): string {
  return `${bytes / 2 ** 20} MiB`;
}

/** A variable of the supervisor's file. */
export function variable({ service }: Made, name: string): string {
  const [, value] = new RegExp(`^${name}='?(.*?)'?$`, 'm').exec(service) ?? [];
  if (value === undefined) throw new Error(`the service has no ${name}`);
  return value;
}

export function list(words: readonly string[]): string {
  return words.map((one) => `\`${one}\``).join(', ');
}

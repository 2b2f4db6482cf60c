import { BuildError } from '@container-os/core/errors';
import { posix } from 'node:path';
import { isDeepStrictEqual as equal } from 'node:util';
import base from '../../../bases/vm/base.json' with { type: 'json' };
import { serviceOf, type OldContainer } from './service.ts';

type Options = Record<string, unknown>;

/** A project.json of before. */
export interface OldProject {
  name?: string;
  targets: Record<string, { executor?: string; dependsOn?: unknown[]; options?: Options; configurations?: Record<string, Options> }>;
}

export interface Migrated {
  name: string;
  compose: Options & { 'x-os': Options };
  /** What is left of the targets: options that are not in `compose`. */
  targets: OldProject['targets'];
  /** Files that nothing reads any more, relative to the image. */
  unused: string[];
  /** What has no key, for the user. */
  lost: string[];
}

/** What an option that was not set meant then, where it means something else now. */
const SILENT: Record<string, Options> = {
  system: { ociRuntime: 'runc', dataDisk: 'use' },
  rootfs: { compression: 'zstd' },
  iso: { cmdline: 'console=tty0 console=ttyS0,115200 panic=10 quiet percpu_alloc=page' },
};

/** Where an option of each of these keys was. */
const HOMES: Record<string, [target: string, option: string]> = {
  hostname: ['system', 'hostname'],
  ociRuntime: ['system', 'ociRuntime'],
  cni: ['system', 'networks'],
  dataDisk: ['system', 'dataDisk'],
  uplink: ['system', 'uplink'],
  motd: ['system', 'motd'],
  cmdline: ['iso', 'cmdline'],
};

/** Of the base; all images that were in the old form can have this one alone. */
const USUAL = base['x-os'] as Options & { configurations: Record<string, Options> };

/**
 * The definition of an image as a compose.yaml. Pure.
 *
 * @param read the text of a file of the image
 * @param readOfBase of the base
 * @throws BuildError FILE_MISSING
 */
export function migrate(old: OldProject, folder: string, read: (path: string) => string | undefined, readOfBase: typeof read): Migrated {
  const { name = folder, targets } = structuredClone(old);
  for (const [target, options] of Object.entries(SILENT)) if (targets[target]) targets[target].options = { ...options, ...targets[target].options };
  const take = (target: string, option: string, configuration?: string): unknown => {
    const options = configuration === undefined ? targets[target]?.options : targets[target]?.configurations?.[configuration];
    const value = options?.[option];
    delete options?.[option];
    return value;
  };
  const unused: string[] = [];
  const lost: string[] = [];

  const serviceOfTarget = new Map<string, string>();
  const services: Record<string, Options> = {};
  for (const [target, { executor, configurations = {} }] of Object.entries(targets)) {
    if (executor !== '@container-os/oci-bundle:oci-bundle') continue;
    const file = String(take(target, 'definition'));
    const text = read(file);
    if (text === undefined) throw new BuildError('FILE_MISSING', `${target}: ${file}: no such file`, { hint: 'Correct "definition" of the target.' });
    const container = JSON.parse(text) as OldContainer;
    const service = container.container_name ?? target.replace(/^bundle-/, '');
    const { service: described, lost: ofService } = serviceOf(container, posix.dirname(file), take(target, 'patches'));
    services[service] = { container_name: service, ...described };
    serviceOfTarget.set(target, service);
    unused.push(file);
    lost.push(...ofService.map((key) => `services.${service}.${key}`), ...Object.keys(configurations).map((one) => `${target} -c ${one}`));
    delete targets[target];
  }

  /** Fragments that the base has not, and a configuration in place of the base's. */
  const compiled = (target: 'kernel-config' | 'busybox'): Options | undefined => {
    const shared = base.targets[target] as { options: Options; configurations?: Record<string, Options> };
    const { options = {}, configurations = {} } = structuredClone(targets[target] ?? {});
    for (const [one, configured] of Object.entries(configurations)) {
      for (const option of Object.keys(configured))
        if (!equal(take(target, option, one), shared.configurations?.[one]?.[option])) lost.push(`${target} -c ${one}: ${option}`);
    }
    const paths = [options, ...Object.values(configurations)].flatMap(({ base: one, fragments = [] }) => [one, ...(fragments as string[])].map(String));
    const same = [...new Set(paths)].filter((path) => read(path) !== undefined && read(path) === readOfBase(path));
    unused.push(...same);
    const given = (take(target, 'fragments') ?? []) as string[];
    const fragments = given.filter((path) => !same.includes(path));
    for (const path of fragments.filter((one) => readOfBase(one) !== undefined))
      lost.push(`${target}: ${path} is not the base's, so the image compiles its own; without this line of x-os it shares the base's`);
    for (const path of (shared.options['fragments'] as string[]).filter((one) => targets[target] && !given.includes(one)))
      lost.push(`${target}: the base adds ${path}`);
    const configuration = take(target, 'base') as string | undefined;
    const own = configuration !== undefined && configuration !== shared.options['base'] && !same.includes(configuration);
    return some({ base: own ? configuration : undefined, fragments: fragments.length > 0 ? fragments : undefined });
  };

  const main: Options = { hostname: name };
  const all = [...serviceOfTarget.values()];
  const keysOf = (configuration?: string): Options => {
    const said = (key: string): unknown => take(...HOMES[key]!, configuration);
    /** Undefined where the base says the same. */
    const unusual = (key: string): unknown => {
      const usual = configuration === undefined ? (USUAL[key] ?? main[key]) : (USUAL.configurations[configuration]?.[key] ?? main[key]);
      const value = said(key) ?? main[key];
      if (configuration === undefined) main[key] = value;
      return value === usual ? undefined : value;
    };
    const layers = (take('rootfs', 'layers', configuration) ?? take('initramfs', 'layers', configuration)) as string[] | undefined;
    const services = layers?.flatMap((layer) => serviceOfTarget.get(layer) ?? []);
    if (configuration === undefined && layers && services) {
      lost.push(...base.layers.filter((layer) => layer in base.targets && !layers.includes(layer)).map((layer) => `rootfs: the base adds the layer ${layer}`));
      lost.push(...all.filter((one) => !services.includes(one)).map((one) => `rootfs: the service ${one} is part of it`));
    }
    const added = (layers ?? []).filter((layer) => !serviceOfTarget.has(layer) && layer !== 'system' && !(layer in base.targets) && targets[layer]);
    const artifacts = Object.fromEntries(added.map((layer) => [layer, defined({ executor: targets[layer]?.executor, options: targets[layer]?.options })]));
    for (const layer of added) delete targets[layer];
    const test = { ...(configuration === undefined ? targets['qemu-test']?.options : targets['qemu-test']?.configurations?.[configuration]) };
    for (const option of Object.keys(test)) take('qemu-test', option, configuration);
    const { disk, ...expectations } = test;
    return defined({
      services: configuration === undefined || !services || equal(services, all) ? undefined : services,
      hostname: unusual('hostname'),
      ociRuntime: unusual('ociRuntime'),
      artifacts: some(artifacts),
      cni: said('cni'),
      console: some({ shell: take('system', 'consoleShell', configuration), container: take('system', 'consoleContainer', configuration) }),
      dataDisk: said('dataDisk'),
      uplink: said('uplink'),
      motd: said('motd'),
      cmdline: unusual('cmdline'),
      disk: disk ?? (configuration === undefined ? targets['run']?.options?.['disk'] : undefined),
      test: some(expectations),
    });
  };
  const keys = keysOf();
  const names = new Set(Object.values(targets).flatMap(({ configurations = {} }) => Object.keys(configurations)));
  const volumes = Object.values(services).flatMap(({ volumes: of = [] }) => (of as string[]).flatMap((volume) => /^[^/:]+/.exec(volume)?.[0] ?? []));
  if (volumes.length === 0 && keys['dataDisk'] === 'use') delete keys['dataDisk'];
  const storage = targets['qemu-storage']?.options;
  delete targets['qemu-storage'];
  for (const target of ['budget', 'qemu-machines']) {
    const containers = (targets[target]?.options?.['containers'] ?? []) as string[];
    if (equal([...containers].sort(), [...all].sort())) take(target, 'containers');
  }
  const { containers: _, ...budget } = targets['budget']?.options ?? {};
  for (const option of Object.keys(budget)) take('budget', option);
  const xOs = defined({
    // Silence meant the strict set.
    profile: 'hardened',
    ...keys,
    kernel: compiled('kernel-config'),
    busybox: compiled('busybox'),
    test: some({ ...(keys['test'] as object | undefined), storage }),
    budget: some(budget),
    configurations: some(Object.fromEntries([...names].map((one) => [one, some(keysOf(one))]))),
  });
  const attached = Object.values(services).flatMap(({ networks: of = [] }) => (Array.isArray(of) ? (of as string[]) : Object.keys(of as object)));
  const networks = new Set(attached);
  const internal = internalNetworks(((keys['cni'] ?? []) as string[]).map((path) => read(path) ?? '{}'));
  const compose = defined({
    name,
    services,
    networks: some(Object.fromEntries([...networks].map((one) => [one, internal.has(one) ? { internal: true } : {}]))),
    volumes: some(Object.fromEntries(volumes.map((name) => [name, { name }]))),
  });
  return { name, compose: { ...compose, 'x-os': xOs }, targets, unused, lost };
}

/** Names of CNI lists that have no way out. */
function internalNetworks(lists: string[]): Set<string> {
  const parsed = lists.map((text) => JSON.parse(text) as { name?: string; plugins?: { ipMasq?: boolean }[] });
  return new Set(parsed.flatMap(({ name, plugins = [] }) => (name !== undefined && !plugins.some(({ ipMasq }) => ipMasq) ? [name] : [])));
}

function defined(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function some(options: Options): Options | undefined {
  const said = defined(options);
  return Object.keys(said).length > 0 ? said : undefined;
}

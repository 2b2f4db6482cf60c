import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import type { NetworkFile } from '@container-os/system/networks';
import type { ServiceXOs } from '../service-x-os.schema.d.ts';
import type { XOs } from '../x-os.schema.d.ts';
import { isInstalled, projectOf, targetOf, type Base } from './base.ts';
import { bootTests, bootTestsGroup, bootTestsParent, PARENT } from './boot-tests.ts';
import type { ServiceBuild } from './build.ts';
import { projectOfPlugin, type Plugin } from './plugins.ts';
import { ownOfBase } from './own-of-base.ts';
import { isOnDisk } from './service/binds.ts';
import type { PlaceOf } from './x-os.ts';
import { verifyPlan } from './prebuilt.ts';
import { completeTarget, reads, type Place, type TargetPlan } from './target.ts';
import type { ContainerKeys } from './service/model.ts';

/** An image as its file says it. */
export interface Image {
  name: string;
  /** Relative to the workspace. */
  root: string;
  /** The name of its Compose file, in `root`. */
  file: string;
  /** Files outside of `root` that it includes, extends or has variables from, relative to `root`. */
  outside: string[];
  /** Variables of the process environment that it uses. */
  inherited: string[];
  services: Record<string, ImageService>;
  /** Every tag of an OCI image has to be locked. */
  frozen: boolean;
  /** Compose's networks as CNI lists, the default one first. */
  networks: NetworkFile[];
  /** Of the file; the base's defaults are not in it. */
  xOs: XOs;
  placeOf: PlaceOf;
  /** What reading it was not sure of, each with its place. */
  warnings: string[];
  /** Options of the boot test and of the budget, when `x-os` names files with them. */
  tests: { test?: Record<string, unknown>; budget?: Record<string, unknown> };
}

export interface ImageService {
  /** Without its environment, whose values may be secret. */
  container: object;
  /** Its containers, each with what it has for itself. */
  containers: ContainerKeys[];
  /** The OCI image that its root and all else come from, where the root is not made of layers. */
  ociImage?: string;
  /** Or the image that is built for it. */
  built?: ServiceBuild;
  xOs: ServiceXOs;
  /** Names of its environment. */
  variables: string[];
  /** Names of its secrets and configs that the image holds. */
  contents: { secrets: string[]; configs: string[] };
  /** Paths of the workspace that its bundle copies, relative to the image. */
  binds: string[];
}

/** `x-os`, with a configuration applied: what one build of the image is made of. */
type Build = Omit<XOs, 'configurations' | 'test' | 'budget'> & { services: string[]; test: Record<string, unknown>; budget?: Record<string, unknown> };

/** `api:build`, of `x-os.dependsOn` of a service. */
const OF_PROJECT = /^([^:^]+):(.+)$/;

const BUNDLE = 'bundle-';
const BUILD = 'build-';
const DOCTOR = '@container-os/image:doctor';

/** A machine of each kind that people have, for `-c short`: minutes in place of half an hour. */
const MACHINES = ['printed-command', 'virt-manager', 'vmware', 'usb-stick', 'nvme-uefi', 'lsi-8-processors'];

/**
 * The project of an image. A pure function of its file, its base and the recipes of their plugins.
 *
 * @param prefix before the names of its targets: for a folder that has targets of its own
 */
export function imageProject(image: Image, base: Base, plugin: (executor: string) => Plugin, prefix = ''): ProjectConfiguration {
  const configurations = [...new Set([...Object.keys(base['x-os'].configurations ?? {}), ...Object.keys(image.xOs.configurations ?? {})])];
  const plans = plan(image, base, build(image, base));
  const others = configurations.map((name) => ({ name, plans: plan(image, base, build(image, base, name)) }));
  for (const [target, planned] of Object.entries(plans)) {
    const differing = others.flatMap(({ name, plans: of }) => {
      const options = difference(planned.options ?? {}, of[target]?.options ?? planned.options ?? {});
      return Object.keys(options).length > 0 ? [[name, options] as const] : [];
    });
    if (differing.length > 0) planned.configurations = { ...planned.configurations, ...Object.fromEntries(differing) };
  }
  const own = { ...ownOfBase(image, base, plans, plugin), ...plans };
  const sources = image.xOs.sources ?? base.sources;
  const place = {
    root: image.root,
    artifacts: image.root === '.' ? `dist/container-os/${image.name}` : `dist/${image.root}`,
    dependency: (target: string) => {
      const [, project, name = ''] = OF_PROJECT.exec(target) ?? [];
      if (project !== undefined) return project === image.name ? name : { target: name, projects: [project] };
      if (target.startsWith('^')) return target;
      return target in own ? `${prefix}${target}` : { target: targetOf(target, sources, base), projects: [projectOf(base)] };
    },
  };
  const taken = base.prebuilt.filter((name) => !(name in own) && Object.values(own).some((one) => reads(one, plugin(one.executor)).includes(name)));
  const verify = sources === 'prebuilt' ? { [`${prefix}verify-prebuilt`]: verifyTarget(verifyPlan(taken, base.lock), base, plugin, place) } : {};
  // No artifact comes from the doctor: its package is no dependency.
  const packages = Object.values(own).flatMap(({ executor }) => (executor === DOCTOR ? [] : projectOfPlugin(plugin(executor))));
  const projects = Object.values(image.services).flatMap(({ xOs }) => (xOs.dependsOn ?? []).flatMap((one) => OF_PROJECT.exec(one)?.[1] ?? []));
  const targets = Object.fromEntries(
    Object.entries(own).map(([name, planned]) => [`${prefix}${name}`, completeTarget(name, planned, plugin(planned.executor), place)]),
  );
  return {
    name: image.name,
    root: image.root,
    projectType: 'application',
    implicitDependencies: [...new Set([...(isInstalled(base) ? [] : [projectOf(base)]), ...packages, ...projects.filter((one) => one !== image.name)])].sort(),
    targets: { ...targets, ...verify, [`${prefix}${PARENT}`]: bootTestsParent(targets, prefix) },
    metadata: { targetGroups: bootTestsGroup(targets, prefix) },
  };
}

/** Compares what the image takes prebuilt with what the base makes of it from source. */
function verifyTarget(planned: TargetPlan, base: Base, plugin: (executor: string) => Plugin, place: Place): TargetConfiguration {
  const dependency = (target: string): { target: string; projects: string[] } => ({ target: targetOf(target, 'source', base), projects: [projectOf(base)] });
  return completeTarget('verify-prebuilt', planned, plugin(planned.executor), { ...place, dependency });
}

/** What an image gets for what lasts where it says nothing of a disk. The file that is the disk grows with what is written. */
const OWN_DISK: XOs = { dataDisk: 'create', disk: 1024 };

/**
 * Whether anything is kept on the disk: a volume, or what a container of an OCI image writes. Such an image may have volumes that nobody knows before
 * it is pulled, and its root is written to unless the service says otherwise.
 */
function keepsData(services: Image['services']): boolean {
  return Object.values(services).some(
    ({ container, ociImage, built }) =>
      ociImage !== undefined || built !== undefined || ((container as { volumes?: Parameters<typeof isOnDisk>[0][] }).volumes ?? []).some(isOnDisk),
  );
}

/** The base's defaults, the file's keys over them, and over both those of a configuration. */
function build({ xOs, services, tests }: Image, base: Base, configuration?: string): Build {
  const layers = [
    keepsData(services) ? OWN_DISK : {},
    base['x-os'],
    xOs,
    ...(configuration === undefined ? [] : [base['x-os'].configurations?.[configuration], xOs.configurations?.[configuration]]),
  ];
  const merged = Object.assign({}, ...layers) as XOs & { services?: string[] };
  const configured = configuration === undefined ? {} : (xOs.configurations?.[configuration] as XOs | undefined);
  const test = { ...tests.test, ...(typeof configured?.test === 'object' ? configured.test : {}) };
  const { configurations: _, test: __, budget: ___, ...rest } = merged;
  return { ...rest, services: merged.services ?? Object.keys(services), test, ...(tests.budget ? { budget: tests.budget } : {}) };
}

/** The targets of an image that are no artifact of the base's. */
function plan(image: Image, base: Base, { services: names, test, budget, disk, run, ...xOs }: Build): Record<string, TargetPlan> {
  const { ociRuntime = 'crun', hostname, console: shell, dataDisk, uplink, motd, cmdline, cni, artifacts = {} } = xOs;
  const services = Object.entries(image.services).filter(([, { containers }]) => containers.length > 0);
  const chosen = names.filter((name) => (image.services[name]?.containers ?? []).length > 0);
  const containers = chosen.flatMap((name) => namesOf(image.services[name]));
  const bundles = services.map(([name]) => `${BUNDLE}${name}`);
  const added = Object.entries(artifacts).flatMap(([name, { layer = true }]) => (layer ? [name] : []));
  const layers = [...base.layers.map((layer) => layer.replace('{ociRuntime}', ociRuntime)), ...added, 'system', ...chosen.map((name) => `${BUNDLE}${name}`)];
  const { storage, ...expectations } = test as { storage?: Record<string, unknown> };
  const machine = { ...run, ...(disk === undefined ? {} : { disk }) };
  return {
    ...Object.fromEntries(Object.entries(artifacts).map(([name, { executor, options = {} }]) => [name, { executor, options }])),
    ...ociImages(services, image.frozen, xOs),
    ...builds(services),
    ...Object.fromEntries(services.map(([name, service]) => [`${BUNDLE}${name}`, bundle(image, name, service, xOs)])),
    system: {
      executor: '@container-os/system:system',
      files: image.outside,
      options: defined({
        hostname,
        ociRuntime,
        networks: cni ?? image.networks,
        motd,
        consoleShell: shell?.shell,
        consoleContainer: shell?.container && (namesOf(image.services[shell.container])[0] ?? shell.container),
        dataDisk,
        uplink,
      }),
    },
    rootfs: { executor: '@container-os/rootfs:rootfs', options: { layers, compression: 'lz4' }, dependsOn: [...layers, ...bundles] },
    iso: { executor: '@container-os/iso:iso', options: defined({ cmdline }) },
    run: { executor: '@container-os/qemu:run', options: machine },
    ...bootTests({ ...machine, ...expectations }, image.placeOf(['x-os', 'test'])),
    'qemu-soak': {
      executor: '@container-os/qemu:qemu-test',
      options: { boot: 'direct', cmdline: 'container-os.rounds=200', timeLimit: 1800, ...machine },
    },
    'qemu-machines': { executor: '@container-os/qemu:qemu-machines', options: { containers }, configurations: { short: { only: MACHINES } } },
    ...(storage ? { 'qemu-storage': { executor: '@container-os/qemu:qemu-storage', options: storage } } : {}),
    doctor: { executor: DOCTOR },
    ...(budget ? { budget: { executor: '@container-os/qemu:budget', options: { containers, ...budget } } } : {}),
  };
}

function namesOf(service: ImageService | undefined): string[] {
  return service?.containers.map(({ container_name: name }) => name) ?? [];
}

/** An image beside the file, as containers-transports(5) names it. */
const LOCAL = /^(?:oci|oci-archive|docker-archive):(\.\.?\/[^:]+)/;

/** The OCI images of the services, by service: one target gets them all, and makes a receipt of each. */
function ociImages(services: [string, ImageService][], frozen: boolean, { ociImages: { maxBytes } = {} }: XOs): Record<string, TargetPlan> {
  const images = Object.fromEntries(services.flatMap(([name, { ociImage }]) => (ociImage === undefined ? [] : [[name, ociImage]])));
  const named = Object.fromEntries(services.flatMap(([name, { built }]) => (built?.images ?? []).map((image) => [`${name} FROM ${image}`, image])));
  const all = { ...images, ...named };
  const update: Record<string, TargetPlan> =
    Object.keys(all).length > 0 ? { 'update-sources': { executor: '@container-os/oci-image:update-images', options: { images: all } } } : {};
  if (Object.keys(images).length === 0) return update;
  const local = Object.values(images).flatMap((reference) => LOCAL.exec(reference)?.[1] ?? []);
  return {
    'oci-images': {
      executor: '@container-os/oci-image:oci-images',
      options: defined({ images, local: local.length > 0 ? [...new Set(local)] : undefined, frozen: frozen || undefined, maxBytes }),
    },
    ...update,
  };
}

/** A target of its own each. Where the context is a project of the workspace, its build comes first: see createDependencies in plugin.mjs. */
function builds(services: [string, ImageService][]): Record<string, TargetPlan> {
  return Object.fromEntries(
    services.flatMap(([name, { built, xOs }]) => {
      const dependsOn = ['^build', ...(xOs.dependsOn ?? [])];
      return built ? [[`${BUILD}${name}`, { executor: '@container-os/oci-image:oci-build', options: built.options, dependsOn }]] : [];
    }),
  );
}

function bundle(
  { file, inherited }: Image,
  name: string,
  { container, containers, ociImage, built, variables, contents, binds, xOs: { rootfs, patches, profile: own, dependsOn } }: ImageService,
  { profile = 'docker', ociImages }: XOs,
): TargetPlan {
  const service = (own ?? profile) === 'docker' ? container : { ...container, 'x-profile': own ?? profile };
  const reaches = { inherited: inherited.length > 0 ? inherited : undefined };
  const environment = variables.length > 0 ? defined({ file, service: name, variables, ...reaches }) : undefined;
  const [secrets, configs] = [contents.secrets, contents.configs].map((names) => (names.length > 0 ? names : undefined));
  const held = secrets || configs ? defined({ file, secrets, configs, ...reaches }) : undefined;
  return {
    executor: '@container-os/oci-bundle:oci-bundle',
    ...(dependsOn && !built ? { dependsOn } : {}),
    options: defined({
      rootfs,
      image: ociImage === undefined ? undefined : name,
      build: built && `${BUILD}${name}`,
      service,
      containers,
      environment,
      contents: held,
      binds: binds.length > 0 ? binds : undefined,
      patches,
      ...(ociImage === undefined && !built ? {} : ociImages),
    }),
  };
}

/** The options of `b` that `a` has otherwise. */
function difference(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(b).filter(([key, value]) => JSON.stringify(a[key]) !== JSON.stringify(value)));
}

function defined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

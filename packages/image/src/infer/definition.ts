import { limitations, load, parseYaml, print, TimestampValue, type Loaded, type Node, type Place } from '@container-os/compose-file';
import { BuildError } from '@container-os/core/errors';
import { isSecret } from '@container-os/oci-bundle/secret';
import type { ComposeNetwork } from '@container-os/system/networks';
import { basename, dirname, join, relative } from 'node:path/posix';
import { parseDocument } from 'yaml';
import type { XOs } from '../x-os.schema.d.ts';
import { buildOf, type Build } from './build.ts';
import type { Image, ImageService } from './image.ts';
import { networksOf } from './networks.ts';
import { refuseReference } from './reference.ts';
import { bindFault, copiedBy, workspaceOf } from './service/binds.ts';
import { heldBy } from './service/files.ts';
import { checkDependencies } from './service/dependencies.ts';
import { projectOf } from './service/project.ts';
import { containerOf, serviceOf } from './service/service.ts';
import { volumesOfImages, withVolumes } from './service/volumes.ts';
import type { ProjectVolume, Service, Source, Workspace } from './service/model.ts';
import type { Texts } from './texts.ts';
import { checkServiceXOs, checkXOs, type PlaceOf } from './x-os.ts';

/**
 * The image that a compose.yaml describes; undefined for a file without x-os, which is no image.
 *
 * @param assumed variables whose values stand for others: the form of what they are in counts, not they themselves; none of the process is read
 * @throws BuildError what compose's `load` throws, SECRET_IN_OPTION, X_OS_INVALID, BUILD_UNSUPPORTED, IMAGE_REFERENCE_INVALID, FILE_MISSING, FILE_INVALID
 */
export function readImage(file: string, workspaceRoot: string, texts: Texts, assumed?: ReadonlyMap<string, string>): Image | undefined {
  if (!assumed && !/^["']?x-os["']?\s*:/m.test(texts.read(file) ?? '')) return undefined;
  const inherited = assumed ?? inheritedBy(file, texts);
  const loaded = load({ files: texts, root: workspaceRoot, paths: [file], environment: inherited });
  if (!assumed) refuseSecretsInOptions(loaded, workspaceRoot);
  const placeOf = placesOf(loaded, workspaceRoot);
  const warnings = loaded.warnings.map(({ place, message }) => `${textOf(place, workspaceRoot)}: ${message}`);
  const { model } = loaded;
  const extension = model.extensions?.get('x-os');
  if (!extension) return undefined;
  const directory = dirname(file);
  const xOs = checkXOs(jsonOf(extension), placeOf);
  refuseUnsupported(loaded, workspaceRoot, xOs);
  const printed = asJson(print(model), (text) => text.replaceAll('$$', '$')) as Printed;
  const workspace = workspaceOf(printed.services, workspaceRoot, directory);
  const project = {
    ...projectOf(model.name, { ...printed, workspace }, placeOf, xOs.cni !== undefined),
    profileOf: (path: string) => readProfile(join(directory, path), placeOf(['services']), texts),
  };
  const networks = networksOf(printed.networks ?? {}, project, placeOf, project.ownLists);
  const services = [...model.services].map(
    ([name, { extensions, environment, read_only, entrypoint, command, volumes, image, build }]): [string, ImageService] => {
      const node = extensions?.get('x-os');
      const own = checkServiceXOs(node && jsonOf(node), placeOf, name);
      const ociImage = own.rootfs || own.build ? undefined : (own.image ?? (build ? undefined : image));
      const built = own.build ? buildOf(name, printed.services[name]?.build, { directory, workspaceRoot, texts, placeOf }) : undefined;
      if (!own.rootfs && !ociImage && !built) throw withoutRoot(name, placeOf);
      if (ociImage && !assumed) refuseReference(ociImage, ['services', name, ...(own.image ? ['x-os'] : []), 'image'], placeOf);
      // The reference prints no false, which is not the default here.
      const {
        environment: _,
        ports: __,
        ...keys
      } = {
        ...printed.services[name],
        ...(read_only === undefined ? {} : { read_only }),
        ...requiredPaths(printed.services[name]?.volumes, volumes),
      };
      const ports = project.portsOf(name);
      const service = withVolumes(name, { ...keys, ...(ports ? { ports } : {}) }, project, placeOf);
      refuseMounts(name, service, workspace, loaded, placeOf);
      // What the image says instead of an empty list differs from what it says instead of none; the reference prints both alike.
      const container =
        ociImage || built
          ? serviceOf(name, { ...service, entrypoint: entrypoint && [...entrypoint], command: command && [...command] }, project, own)
          : containerOf(name, service, project, own);
      return [
        name,
        {
          container,
          containers: project.ownOf(name),
          ...(ociImage ? { ociImage } : {}),
          ...(built ? { built } : {}),
          xOs: own,
          variables: [...(environment?.keys() ?? [])],
          contents: heldBy(service, project),
          binds: copiedBy(service, workspace),
        },
      ];
    },
  );
  const awaited = services.map(
    ([
      name,
      {
        xOs: { rootfs, profile = xOs.profile ?? 'docker' },
      },
    ]) => [name, { ofLayers: rootfs !== undefined, profile }] as const,
  );
  warnings.push(...checkDependencies(project, new Map(awaited), placeOf));
  const ofImages = services.flatMap(
    ([
      name,
      {
        xOs: { rootfs },
      },
    ]) => (rootfs === undefined ? [name] : []),
  );
  warnings.push(...volumesOfImages(project, new Set(ofImages), placeOf));
  const option = (key: 'test' | 'budget'): Record<string, unknown> | undefined => {
    const value = xOs[key];
    return typeof value === 'string' ? readOptions(join(directory, value), placeOf(['x-os', key]), texts) : value;
  };
  const [test, budget] = [option('test'), option('budget')];
  return {
    name: model.name,
    root: relative(workspaceRoot, directory) || '.',
    file: basename(file),
    inherited: [...inherited.keys()],
    outside: loaded.asked.filter((path) => !path.startsWith(`${directory}/`) && texts.read(path) !== undefined).map((path) => relative(directory, path)),
    services: Object.fromEntries(services),
    frozen: services.some(([, { ociImage }]) => ociImage !== undefined) && !['', 'false', undefined].includes(texts.variable('CI')),
    networks: networks.lists,
    xOs,
    placeOf,
    warnings: [...warnings, ...networks.warnings, ...optOutsOf(loaded, workspaceRoot)],
    tests: { ...(test ? { test } : {}), ...(budget ? { budget } : {}) },
  };
}

/**
 * Options are in the graph, in records and in caches. `environment` is in none, and `build` is Docker's; what else has the value of a variable is.
 *
 * @throws BuildError SECRET_IN_OPTION
 */
function refuseSecretsInOptions(loaded: Loaded, workspaceRoot: string): void {
  const refused = secretsInOptions(loaded).map(
    ({ path, place, names }) => `${textOf(place, workspaceRoot)}: ${path.join('.')}: the value of ${names.join(', ')} would be shown`,
  );
  if (refused.length === 0) return;
  throw new BuildError('SECRET_IN_OPTION', refused.join('\n'), {
    hint: 'Nx shows the key and caches keep it. Set the variable in "environment"; the program reads it: sh -c \'app -t "$$TOKEN"\'. No secret? Rename it.',
  });
}

/** The mounts of a service, with the `create_host_path: false` of those that have it: the reference prints none. */
function requiredPaths(printed: Service['volumes'], volumes: readonly { bind?: { create_host_path?: boolean } }[] = []): Pick<Service, 'volumes'> {
  const isRequired = (index: number): boolean => volumes[index]?.bind?.create_host_path === false;
  return printed ? { volumes: printed.map((one, index) => (isRequired(index) ? { ...one, bind: { create_host_path: false } } : one)) } : {};
}

/** Keys that are options of a target and have a value that nobody wants to be shown. */
export function secretsInOptions({ interpolated }: Loaded): { path: readonly string[]; place: Place; names: string[] }[] {
  const shown = interpolated.filter(({ path: [top = '', , key = ''] }) =>
    top === 'services' ? !['environment', 'build'].includes(key) : ['x-os', 'networks', 'volumes'].includes(top),
  );
  return shown.flatMap(({ path, place, variables }) => {
    const names = variables.filter((name) => isSecret(name)).map((name) => `\${${name}}`);
    return names.length > 0 ? [{ path, place, names }] : [];
  });
}

/** @throws BuildError MOUNT_UNSUPPORTED */
function refuseMounts(name: string, { volumes = [] }: Service, workspace: Workspace, { tree }: Loaded, placeOf: PlaceOf): void {
  const list = entryOf(entryOf(entryOf(tree, 'services'), name), 'volumes');
  for (const [index, mount] of volumes.entries()) {
    const source = list?.kind === 'list' ? entryOf(list.items[index], 'source') : undefined;
    const fault = mountFault(mount, source?.kind === 'scalar' && source.relative === true, workspace);
    if (fault)
      throw new BuildError(
        'MOUNT_UNSUPPORTED',
        `${placeOf(['services', name, 'volumes', index])}: services.${name}.volumes: ${mount.target}: ${fault.reason}`,
        {
          hint: fault.hint,
        },
      );
  }
}

function mountFault(mount: NonNullable<Service['volumes']>[number], isRelative: boolean, workspace: Workspace): ReturnType<typeof bindFault> {
  if (mount.type === 'bind') return bindFault(mount, isRelative, workspace);
  if (['volume', 'tmpfs'].includes(mount.type)) return undefined;
  return { reason: `the OS has no mounts of type ${mount.type}`, hint: 'Name a volume ("data:/data"), or a path ("./data:/data").' };
}

/** Variables of the process environment that x-os.environment of the file names. What else is wrong with the file, `load` says. */
function inheritedBy(file: string, texts: Texts): Map<string, string> {
  const names = parseYaml(texts.read(file) ?? '', file).flatMap((document) => {
    const list = entryOf(entryOf(document, 'x-os'), 'environment');
    return list?.kind === 'list' ? list.items.flatMap((item) => (item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : [])) : [];
  });
  return new Map(
    names.flatMap((name) => {
      const value = texts.variable(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function entryOf(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined;
}

/** The reference's form of a model. */
interface Printed {
  services: Record<string, Service & { environment?: object; build?: Build }>;
  networks?: Record<string, ComposeNetwork | null>;
  secrets?: Record<string, Source>;
  configs?: Record<string, Source>;
  volumes?: Record<string, ProjectVolume>;
}

function withoutRoot(name: string, placeOf: PlaceOf): BuildError {
  return new BuildError(
    'BUILD_UNSUPPORTED',
    `${placeOf(['services', name, 'build'])}: services.${name}.build: the OS builds an OCI image only where the service says how`,
    {
      hint:
        'Have it built by buildah, which is neither hermetic nor reproducible: x-os: { build: buildah }. ' +
        `Or name an image that is built: x-os: { image: "registry.example/${name}:1" }, or "oci-archive:./${name}.tar". ` +
        `Or give the root as layers: x-os: { rootfs: [busybox, ./${name}] }`,
    },
  );
}

function placesOf(loaded: Loaded, workspaceRoot: string): PlaceOf {
  return (path) => textOf(loaded.placeOf(path), workspaceRoot);
}

function textOf({ file, line, column }: Place, workspaceRoot: string): string {
  return `${relative(workspaceRoot, file)}:${line}:${column}`;
}

/** The value of an extension key. */
function jsonOf(node: Node): unknown {
  if (node.kind === 'map') return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, jsonOf(value)]));
  if (node.kind === 'list') return node.items.map(jsonOf);
  return node.value instanceof TimestampValue ? node.source : asJson(node.value);
}

/** Of the reference's form: its integers are exact there, and it prints each `$` twice. */
function asJson(json: unknown, unescape = (text: string): string => text): unknown {
  if (typeof json === 'bigint') return Number(json);
  if (typeof json === 'string') return unescape(json);
  if (Array.isArray(json)) return json.map((one) => asJson(one, unescape));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [unescape(name), asJson(value, unescape)]));
}

/** Keys that the OS does though they weaken what it promises: the user is told of each. */
function optOutsOf({ tree }: Loaded, workspaceRoot: string): string[] {
  return limitations(tree, new Set()).flatMap(({ status, place, message }) =>
    status.class === 'opt-out' ? [`${textOf(place, workspaceRoot)}: ${message}`] : [],
  );
}

/** What the plugin takes beyond the table: Docker reads it. */
const ALSO_DONE = ['services.*.build'];

/** @throws BuildError COMPOSE_KEY_UNSUPPORTED with every key of the file that the OS cannot do */
function refuseUnsupported(loaded: Loaded, workspaceRoot: string, { cni }: XOs): void {
  // Lists of the image's own say how networks are; Docker reads the keys.
  const isSaid = (key: string): boolean => cni !== undefined && key.startsWith('networks.');
  const refused = limitations(loaded.tree, new Set(ALSO_DONE)).flatMap(({ key, status, message, place: { file, line, column } }) =>
    status.class === 'refused' && !isSaid(key) ? [{ message: `${relative(workspaceRoot, file)}:${line}:${column}: ${message}`, instead: status.instead }] : [],
  );
  if (refused.length === 0) return;
  const hint = [...new Set(refused.map(({ instead }) => instead))].join(' ');
  throw new BuildError('COMPOSE_KEY_UNSUPPORTED', refused.map(({ message }) => message).join('\n'), { hint });
}

/** A seccomp profile in Docker's format, on one line. @throws BuildError FILE_MISSING, FILE_INVALID */
function readProfile(file: string, place: string, texts: Texts): string {
  const text = texts.read(file);
  if (text === undefined)
    throw new BuildError('FILE_MISSING', `${place}: security_opt: ${file}: no such file`, { hint: 'Create the file, or correct its name.' });
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw new BuildError('FILE_INVALID', `${file}: not JSON: ${(error as Error).message}`, { hint: 'Correct the file.', cause: error });
  }
}

/** A YAML file with options of a target. */
function readOptions(file: string, place: string, texts: Texts): Record<string, unknown> {
  const text = texts.read(file);
  if (text === undefined) throw new BuildError('FILE_MISSING', `${place}: ${file}: no such file`, { hint: 'Create the file, or correct its name.' });
  const document = parseDocument(text);
  const [fault] = document.errors;
  const value: unknown = fault ? undefined : document.toJS();
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BuildError('FILE_INVALID', `${file}: ${fault?.message ?? 'expected an object'}`, { hint: 'Correct the file.' });
}

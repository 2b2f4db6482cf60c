import { limitations, load, parseYaml, print, TimestampValue, type Loaded, type Node, type Place } from '@container-os/compose';
import { BuildError } from '@container-os/core/errors';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseDocument } from 'yaml';
import type { XOs } from '../x-os.schema.d.ts';
import { buildOf, type Build } from './build.ts';
import type { Image, ImageService } from './image.ts';
import type { Network } from './networks.ts';
import { checkDependencies } from './service/dependencies.ts';
import { projectOf, type ProjectVolume } from './service/project.ts';
import { containerOf, serviceOf, type Service } from './service/service.ts';
import type { Texts } from './texts.ts';
import { checkServiceXOs, checkXOs, type PlaceOf } from './x-os.ts';

/**
 * The image that a compose.yaml describes; undefined for a file without x-os, which is no image.
 *
 * @throws BuildError what compose's `load` throws, SECRET_IN_OPTION, X_OS_INVALID, BUILD_UNSUPPORTED, FILE_MISSING, FILE_INVALID
 */
export function readImage(file: string, workspaceRoot: string, texts: Texts): Image | undefined {
  if (!/^["']?x-os["']?\s*:/m.test(texts.read(file) ?? '')) return undefined;
  const inherited = inheritedBy(file, texts);
  const loaded = load({ files: texts, root: workspaceRoot, paths: [file], environment: inherited });
  refuseSecretsInOptions(loaded, workspaceRoot);
  const placeOf = placesOf(loaded, workspaceRoot);
  const warnings = loaded.warnings.map(({ place, message }) => `${textOf(place, workspaceRoot)}: ${message}`);
  const { model } = loaded;
  const extension = model.extensions?.get('x-os');
  if (!extension) return undefined;
  const directory = dirname(file);
  const xOs = checkXOs(jsonOf(extension), placeOf);
  refuseUnsupported(loaded, workspaceRoot, xOs);
  const printed = asJson(print(model), (text) => text.replaceAll('$$', '$')) as Printed;
  const project = projectOf(model.name, printed, placeOf);
  const services = [...model.services].map(
    ([name, { extensions, environment, networks, read_only, entrypoint, command, image, build }]): [string, ImageService] => {
      const node = extensions?.get('x-os');
      const own = checkServiceXOs(node && jsonOf(node), placeOf, name);
      const ociImage = own.rootfs || own.build ? undefined : (own.image ?? (build ? undefined : image));
      const built = own.build ? buildOf(name, printed.services[name]?.build, { directory, workspaceRoot, texts, placeOf }) : undefined;
      if (!own.rootfs && !ociImage && !built) throw withoutRoot(name, placeOf);
      // The reference prints no false, which is not the default here.
      const { environment: _, ports: __, ...keys } = { ...printed.services[name], ...(read_only === undefined ? {} : { read_only }) };
      const ports = project.portsOf(name);
      const service = { ...keys, ...(ports ? { ports } : {}) };
      refuseMounts(name, service, workspaceRoot, placeOf);
      const attached = [...(networks ?? [])];
      // What the image says instead of an empty list differs from what it says instead of none; the reference prints both alike.
      const container =
        ociImage || built
          ? serviceOf({ ...service, entrypoint: entrypoint && [...entrypoint], command: command && [...command] }, attached, project, own)
          : containerOf(service, attached, project, own);
      return [
        name,
        {
          container,
          containers: project.ownOf(name),
          ...(ociImage ? { ociImage } : {}),
          ...(built ? { built } : {}),
          xOs: own,
          variables: [...(environment?.keys() ?? [])],
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
  const option = (key: 'test' | 'budget'): Record<string, unknown> | undefined => {
    const value = xOs[key];
    return typeof value === 'string' ? readOptions(join(directory, value), placeOf(['x-os', key]), texts) : value;
  };
  const [test, budget] = [option('test'), option('budget')];
  return {
    name: model.name,
    root: relative(workspaceRoot, directory).split(sep).join('/') || '.',
    file: basename(file),
    inherited: [...inherited.keys()],
    services: Object.fromEntries(services),
    frozen: services.some(([, { ociImage }]) => ociImage !== undefined) && !['', 'false', undefined].includes(texts.variable('CI')),
    networks: networksOf(printed),
    xOs,
    placeOf,
    warnings: [...warnings, ...optOutsOf(loaded, workspaceRoot)],
    tests: { ...(test ? { test } : {}), ...(budget ? { budget } : {}) },
  };
}

/** Variables whose values nobody wants to be shown, by what people call them. */
const SECRET_NAME = /(^|_)(PASS|PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|KEY)$/i;

/**
 * Options are in the graph, in records and in caches. `environment` is in none, and `build` is Docker's; what else has the value of a variable is.
 *
 * @throws BuildError SECRET_IN_OPTION
 */
function refuseSecretsInOptions({ interpolated }: Loaded, workspaceRoot: string): void {
  const shown = interpolated.filter(({ path: [top = '', , key = ''] }) =>
    top === 'services' ? !['environment', 'build'].includes(key) : ['x-os', 'networks', 'volumes'].includes(top),
  );
  const refused = shown.flatMap(({ path, place: { file, line, column }, variables }) => {
    const secret = variables.filter((name) => SECRET_NAME.test(name)).map((name) => `\${${name}}`);
    return secret.length > 0 ? [`${relative(workspaceRoot, file)}:${line}:${column}: ${path.join('.')}: the value of ${secret.join(', ')} would be shown`] : [];
  });
  if (refused.length === 0) return;
  throw new BuildError('SECRET_IN_OPTION', refused.join('\n'), {
    hint: 'Nx shows the key and caches keep it. Set the variable in "environment"; the program reads it: sh -c \'app -t "$$TOKEN"\'. No secret? Rename it.',
  });
}

/** @throws BuildError MOUNT_UNSUPPORTED */
function refuseMounts(name: string, { volumes = [] }: Service, workspaceRoot: string, placeOf: PlaceOf): void {
  for (const [index, { type, source = '', target }] of volumes.entries()) {
    const fault = mountFault(type, source, workspaceRoot);
    if (fault)
      throw new BuildError('MOUNT_UNSUPPORTED', `${placeOf(['services', name, 'volumes', index])}: services.${name}.volumes: ${target}: ${fault}`, {
        hint: 'Name a volume ("data:/data"), a path of the OS, or put the files into the root of the service: x-os: { rootfs: […] }.',
      });
  }
}

function mountFault(type: string, source: string, workspaceRoot: string): string | undefined {
  if (!['volume', 'bind', 'tmpfs'].includes(type)) return `the OS has no mounts of type ${type}`;
  if (type === 'bind' && !relative(workspaceRoot, source).startsWith('..'))
    return `${relative(workspaceRoot, source)} is a path of the workspace, and the OS has not got it`;
  return undefined;
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
  networks?: Record<string, { internal?: boolean } | null>;
  volumes?: Record<string, ProjectVolume>;
}

function networksOf({ networks = {} }: Printed): Network[] {
  return Object.entries<{ internal?: boolean } | null>({ default: null, ...networks })
    .map(([name, network]) => ({ name, ...(network?.internal ? { internal: true } : {}) }))
    .sort(({ name: a }, { name: b }) => Number(b === 'default') - Number(a === 'default') || (a < b ? -1 : 1));
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

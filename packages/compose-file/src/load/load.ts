import { ComposeError, formatPlace } from '../errors.ts';
import { cleanPath } from '../keys/long-forms.ts';
import { absolute } from '../keys/paths.ts';
import { asText, get } from '../keys/tree.ts';
import { interpolate } from '../interpolate/interpolate.ts';
import type { MapNode, Node, Place } from '../yaml/node.ts';
import { checkConsistency } from './consistency.ts';
import { readEnvFiles } from './environment.ts';
import type { Context, SourceFile } from './context.ts';
import { readProject } from './project.ts';
import { directoryOf, Reader, type Files } from './files.ts';
import { modelOf, withFiles, type Model } from './model.ts';
import { normalized } from './normalize.ts';
import { Secrets, type Interpolated } from './secrets.ts';

export interface LoadOptions {
  readonly files: Files;
  /** Nothing outside of it is read. */
  readonly root: string;
  /** Absolute. The first one gives the project's directory; when it is the only one, the override file beside it is read too. */
  readonly paths: readonly string[];
  /** Variables over those of .env. */
  readonly environment: ReadonlyMap<string, string>;
  /** Default: COMPOSE_PROFILES of the environment. */
  readonly profiles?: readonly string[];
  /** Default: COMPOSE_PROJECT_NAME, then `name` of the file, then the name of the directory. */
  readonly projectName?: string;
  /** The paths are all that is read, as with `docker compose -f`: no override file beside them. */
  readonly pathsOnly?: boolean;
  /** Default: the directory of the first path. */
  readonly projectDirectory?: string;
}

export interface Loaded {
  readonly model: Model;
  /** The model as a tree with places. */
  readonly tree: MapNode;
  /** Every file that was asked for, also those that were not there: with their texts they decide the result. */
  readonly asked: readonly string[];
  readonly warnings: readonly Warning[];
  /** What variables are values in, of all files that were read. */
  readonly interpolated: readonly Interpolated[];
  /** Variables of the caller and of .env, which secrets and configs may have their content from. */
  readonly environment: ReadonlyMap<string, string>;
  /** Place of a node of the model, or of its nearest parent that stands in a file. */
  placeOf(path: readonly (string | number)[]): Place;
}

export interface Warning {
  readonly place: Place;
  readonly message: string;
}

/**
 * Reads the Compose files of a project as `docker compose config` does. Nothing but `files` is read: no process environment, no clock.
 *
 * @throws ComposeError for what the reference refuses, and for what it would lose without a word
 */
export function load(options: LoadOptions): Loaded {
  const secrets = new Secrets();
  try {
    return loadShowing(options, secrets);
  } catch (error) {
    throw secrets.hide(error);
  }
}

function loadShowing(options: LoadOptions, secrets: Secrets): Loaded {
  const reader = new Reader(options.files, options.root);
  const warnings: Warning[] = [];
  const told = new Set<string>();
  const warn = (place: Place, message: string): void => {
    // What several files extend is read for each of them.
    const key = `${formatPlace(place)} ${message}`;
    if (!told.has(key)) warnings.push({ place, message: secrets.hideIn(place, message) });
    told.add(key);
  };
  const { directory, paths, environment } = projectOf(options, reader, warn);
  const files = paths.map((path) => ({ path }));
  const name = projectName(options, directory, files, environment, reader);
  environment.set('COMPOSE_PROJECT_NAME', name);
  const context: Context = { reader, directory, home: options.environment.get('HOME'), environment, secrets, warn, includedFrom: [] };

  const read = readProject(files, context);
  if (read.entries.size === 0) throw new ComposeError('COMPOSE_EMPTY', read.place, 'the file is empty', { hint: 'Add `services:` with at least one service.' });
  if (name === '')
    throw new ComposeError('COMPOSE_PROJECT_NAME', get(read, 'name')?.place ?? read.place, 'the project has no name', {
      hint: 'Add `name:` with lower-case letters, digits, "-" and "_".',
    });
  const tree = normalized(read, name, environment);
  const placeOf = (path: readonly (string | number)[]): Place => placeIn(tree, path);
  const profiles = options.profiles ?? (environment.get('COMPOSE_PROFILES') ?? '').split(',').map((one) => one.trim());
  const modelContext = { reader, environment, profiles, warn, placeOf };
  const model = modelOf(tree, modelContext);
  checkConsistency(model, placeOf);
  return { model: withFiles(model, modelContext), tree, asked: [...reader.asked], warnings, interpolated: secrets.interpolated, environment, placeOf };
}

interface Project {
  readonly directory: string;
  readonly paths: readonly string[];
  readonly environment: Map<string, string>;
}

/** The files of the project, its directory, and its variables: those of the caller, then those of .env. */
function projectOf(options: LoadOptions, reader: Reader, warn: Context['warn']): Project {
  const directory = cleanPath(options.projectDirectory ?? directoryOf(options.paths[0]!));
  const caller = new Map([...options.environment, ['PWD', directory]]);
  const environment = withDotEnv(caller, directory, reader, warn);
  const named = environment.get('COMPOSE_FILE');
  if (options.pathsOnly || named === undefined) return { directory, environment, paths: withOverride(options, directory, reader) };
  const paths = named.split(environment.get('COMPOSE_PATH_SEPARATOR') || ':').map((path) => absolute(path, { directory, home: undefined }));
  const own = options.projectDirectory ? directory : directoryOf(paths[0]!);
  return { directory: own, paths, environment: own === directory ? environment : withDotEnv(environment, own, reader, warn) };
}

function withDotEnv(environment: ReadonlyMap<string, string>, directory: string, reader: Reader, warn: Context['warn']): Map<string, string> {
  return new Map([...readEnvFiles([{ path: `${directory}/.env`, place: undefined, required: false }], environment, { reader, warn }), ...environment]);
}

/** Names that Docker looks for in a directory, in this order. */
export const DEFAULT_NAMES: readonly string[] = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];

/**
 * The override file that Docker merges over a file with one of its names, when nobody names files; undefined where there is none.
 *
 * @param file its path, absolute or relative
 * @example
 * overrideOf('shop/compose.yaml', existsSync); // 'shop/compose.override.yaml'
 */
export function overrideOf(file: string, isThere: (path: string) => boolean): string | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const directory = file.slice(0, file.length - name.length);
  return DEFAULT_NAMES.includes(name) ? OVERRIDES.map((one) => directory + one).find(isThere) : undefined;
}

function withOverride({ paths, pathsOnly }: LoadOptions, directory: string, reader: Reader): readonly string[] {
  const files = paths.map(cleanPath);
  const [file = '', another] = files;
  if (pathsOnly || another || directoryOf(file) !== directory) return files;
  const override = overrideOf(file, (path) => reader.find(path, undefined) !== undefined);
  return override ? [...files, override] : files;
}

function projectName(options: LoadOptions, directory: string, files: readonly SourceFile[], environment: ReadonlyMap<string, string>, reader: Reader): string {
  const chosen = options.projectName || environment.get('COMPOSE_PROJECT_NAME');
  if (chosen) {
    if (normalizedName(chosen) === chosen) return chosen;
    throw new ComposeError('COMPOSE_PROJECT_NAME', undefined, `"${chosen}" is not a name of a project`, {
      hint: `Write ${normalizedName(chosen) || 'a name'}: lower-case letters, digits, "-" and "_", with a letter or digit first.`,
    });
  }
  const written = files.flatMap(({ path, place }) => reader.documents(path, place, 'the file')).flatMap((document) => nameOf(document) ?? []);
  const name = written.at(-1);
  const fromFile = name
    ? normalizedName(
        interpolate(
          name.value,
          (variable) => environment.get(variable),
          name.place,
          () => undefined,
        ),
      )
    : '';
  return fromFile || (name ? '' : normalizedName(directory.slice(directory.lastIndexOf('/') + 1)));
}

function nameOf(document: Node): { value: string; place: Place } | undefined {
  const node = get(document, 'name');
  const value = asText(node);
  return node && value ? { value, place: node.place } : undefined;
}

function normalizedName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

function placeIn(tree: MapNode, path: readonly (string | number)[]): Place {
  let node: Node = tree;
  for (const part of path) {
    const next: Node | undefined = typeof part === 'number' ? (node.kind === 'list' ? node.items[part] : undefined) : get(node, part);
    if (!next) break;
    node = next;
  }
  return node.place;
}

import { ComposeError } from '../errors.ts';
import { parseEnvFile } from '../env-file/parse.ts';
import type { ModelOf } from '../keys/key.ts';
import type { Variable, Variables } from '../keys/pairs.ts';
import { type fileKeys, type Service, table } from '../keys/project.ts';
import type { MapNode, Place } from '../yaml/node.ts';
import type { Reader } from './files.ts';

/** A project: what its files say, in one form. Names of the user's are keys of maps. */
export interface Model extends Omit<ModelOf<typeof fileKeys>, 'services' | 'name'> {
  name: string;
  /** Services that the profiles leave on. */
  services: ReadonlyMap<string, Service>;
  /** Services of other profiles. */
  disabled: ReadonlyMap<string, Service>;
}

export interface ModelContext {
  readonly reader: Reader;
  readonly environment: ReadonlyMap<string, string>;
  readonly profiles: readonly string[];
  readonly warn: (place: Place, message: string) => void;
  placeOf(path: readonly (string | number)[]): Place;
}

/** The typed model of a normalised tree. */
export function modelOf(tree: MapNode, context: ModelContext): Model {
  const { services = new Map<string, Service>(), name = '', ...rest } = table.type.decode(tree, []) ?? {};
  const isOn = ({ profiles }: Service): boolean => !profiles?.length || context.profiles.some((one) => one === '*' || profiles.includes(one));
  const select = (on: boolean): Map<string, Service> => new Map([...services].filter(([, service]) => isOn(service) === on));
  return { ...rest, name, services: select(true), disabled: select(false) };
}

/** The services with the variables and labels of their files. */
export function withFiles(model: Model, context: ModelContext): Model {
  const services = new Map([...model.services].map(([name, service]) => [name, withServiceFiles(service, name, context)]));
  return { ...model, services };
}

function withServiceFiles(service: Service, name: string, context: ModelContext): Service {
  const environment = variablesOf(service, name, context);
  const labels = labelsOf(service, name, context);
  // A number of containers that is written once counts in both places.
  const deploy = service.deploy && service.scale !== undefined ? { deploy: { ...service.deploy, replicas: service.scale } } : {};
  return { ...service, ...deploy, ...(environment ? { environment } : {}), ...(labels ? { labels } : {}) };
}

/** Variables of `environment`, over those of the files; a name alone that has no value is not set, whatever files say. */
function variablesOf({ environment = new Map(), env_file = [] }: Service, service: string, context: ModelContext): Variables | undefined {
  const own = new Map<string, Variable>(
    [...environment].map(([name, variable]) => [name, { ...variable, value: variable.value ?? context.environment.get(name) }]),
  );
  const ofFiles = new Map<string, Variable>();
  const lookup = (name: string): string | undefined => context.environment.get(name) ?? own.get(name)?.value;
  for (const [index, { path = '', required, format }] of env_file.entries()) {
    const place = context.placeOf(['services', service, 'env_file', index]);
    const text = required ? context.reader.read(path, place, 'the file with variables') : context.reader.find(path, place);
    if (text === undefined) continue;
    const earlier = (name: string): string | undefined => ofFiles.get(name)?.value;
    const entries = parseEnvFile(text, path, lookup, { format: formatOf(format, place), earlier, warn: context.warn });
    for (const [name, { value, place: from }] of entries) ofFiles.set(name, { value, from: { file: path, key: name, line: from.line } });
  }
  return own.size + ofFiles.size > 0 ? new Map([...ofFiles, ...own]) : undefined;
}

function formatOf(format: string | undefined, place: Place): 'raw' | undefined {
  if (!format || format === 'raw') return format === 'raw' ? 'raw' : undefined;
  throw new ComposeError('COMPOSE_VALUE', place, `format: expected raw, got ${JSON.stringify(format)}`, { hint: 'Write raw, or delete "format".' });
}

/** Labels of the service, over those of its files. */
function labelsOf({ labels, label_file = [] }: Service, service: string, context: ModelContext): ReadonlyMap<string, string> | undefined {
  const ofFiles = new Map<string, string>();
  for (const [index, path] of label_file.entries()) {
    const place = context.placeOf(['services', service, 'label_file', index]);
    const text = context.reader.read(path, place, 'the file with labels');
    const entries = parseEnvFile(text, path, (name) => ofFiles.get(name), { warn: context.warn });
    for (const [name, { value }] of entries) ofFiles.set(name, value);
  }
  return ofFiles.size > 0 ? new Map([...ofFiles, ...(labels ?? [])]) : labels;
}

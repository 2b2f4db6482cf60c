import { ComposeError } from '../errors.ts';
import { get, withoutEntry } from '../keys/tree.ts';
import { interpolateTree } from '../interpolate/tree.ts';
import type { Lookup } from '../interpolate/interpolate.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { MapNode, Node, Place } from '../yaml/node.ts';
import { extended } from './extends.ts';
import type { Reader } from './files.ts';
import { included } from './include.ts';
import { readMarks, without, type Marked } from './marks.ts';
import { mergeFiles } from './merge.ts';
import { castTexts, checked, filledIn, lengthened, resolved, withoutEmptyServers, withoutTwins } from './stages.ts';
import { validate } from './validate.ts';
import { withEnvironment } from './environment.ts';

/** What the files of a project, or of an included one, are read with. */
export interface Context {
  readonly reader: Reader;
  /** Paths in the files are relative to it. */
  readonly directory: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly warn: (place: Place, message: string) => void;
  /** Files that include this one, outermost first. */
  readonly includedFrom: readonly string[];
}

export interface SourceFile {
  readonly path: string;
  /** Where the file is named. */
  readonly place?: Place | undefined;
}

const EMPTY: Omit<MapNode, 'place'> = { kind: 'map', entries: new Map() };

/** The files of a project, one over the other: long forms, defaults, absolute paths, each file validated. */
export function readProject(files: readonly SourceFile[], context: Context): MapNode {
  let project: MapNode = { ...EMPTY, place: { file: files[0]?.path ?? '', line: 1, column: 1 } };
  for (const file of files) {
    const text = context.reader.read(file.path, file.place, 'the file');
    for (const document of parseYaml(text, file.path)) project = withDocument(project, document, file.path, context);
  }
  const complete = checked(filledIn(project));
  return withEnvironment(resolved(complete, context.directory), context.environment);
}

function withDocument(project: MapNode, document: Node, path: string, context: Context): MapNode {
  const { tree, removes } = prepared(document, context);
  const file = included(extended(tree, removes, path, context), path, context);
  const merged = withoutTwins(mergeFiles(without(project, removes), file));
  validate(merged);
  const version = get(merged, 'version');
  if (version) context.warn(version.place, '`version` is obsolete and ignored');
  return canonical(withoutEntry(merged, 'version'));
}

/** A document with its variables replaced and its texts cast. */
export function prepared(document: Node, { environment, warn }: Context): Marked & { readonly tree: MapNode } {
  const { tree, removes } = readMarks(document);
  const lookup: Lookup = (name) => environment.get(name);
  if (tree.kind !== 'map')
    throw new ComposeError('COMPOSE_TYPE', tree.place, 'expected a mapping with "services"', { hint: 'Begin the file with `services:`.' });
  return { tree: castTexts(interpolateTree(tree, lookup, warn) as MapNode), removes };
}

/** Long forms alone; several items may turn out to be the same one then. */
export function canonical(tree: MapNode): MapNode {
  return withoutTwins(withoutEmptyServers(lengthened(tree)));
}

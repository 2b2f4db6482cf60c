import { get, withoutEntry } from '../keys/tree.ts';
import type { MapNode, Node } from '../yaml/node.ts';
import type { Context, SourceFile } from './context.ts';
import { canonical, prepared } from './document.ts';
import { withEnvironment } from './environment.ts';
import { extended } from './extends.ts';
import { included } from './include.ts';
import { without } from './marks.ts';
import { mergeFiles } from './merge.ts';
import { checked, filledIn, resolved, withoutTwins } from './stages.ts';
import { validate } from './validate.ts';

/** The files of a project, one over the other: long forms, defaults, absolute paths, each file validated. */
export function readProject(files: readonly SourceFile[], context: Context): MapNode {
  let project: MapNode = { kind: 'map', entries: new Map(), place: { file: files[0]?.path ?? '', line: 1, column: 1 } };
  for (const file of files) {
    for (const document of context.reader.documents(file.path, file.place, 'the file')) project = withDocument(project, document, file.path, context);
  }
  const complete = checked(filledIn(project));
  return withEnvironment(resolved(complete, context), context.environment);
}

function withDocument(project: MapNode, document: Node, path: string, context: Context): MapNode {
  const { tree, removes } = prepared(document, context);
  const file = included(extended(tree, removes, path, context), path, context, readProject);
  const merged = withoutTwins(mergeFiles(without(project, removes), file));
  validate(merged);
  const version = get(merged, 'version');
  if (version) context.warn(version.place, '`version` is obsolete and ignored');
  return canonical(withoutEntry(merged, 'version'), context.warn);
}

import { ComposeError } from '../errors.ts';
import type { Warn } from '../interpolate/interpolate.ts';
import { interpolateTree } from '../interpolate/tree.ts';
import type { MapNode, Node } from '../yaml/node.ts';
import type { Context } from './context.ts';
import { readMarks, type Marked } from './marks.ts';
import { castTexts, lengthened, withoutEmptyServers, withoutTwins } from './stages.ts';

/** A document with its variables replaced and its texts cast. */
export function prepared(document: Node, { environment, warn, secrets }: Context): Marked & { readonly tree: MapNode } {
  const { tree, removes } = readMarks(document);
  if (tree.kind !== 'map')
    throw new ComposeError('COMPOSE_TYPE', tree.place, 'expected a mapping with "services"', { hint: 'Begin the file with `services:`.' });
  const interpolated = interpolateTree(tree, (name) => environment.get(name), warn) as MapNode;
  secrets.add(interpolated);
  return { tree: castTexts(interpolated, warn), removes };
}

/** Long forms alone; several items may turn out to be the same one then. */
export function canonical(tree: MapNode, warn: Warn): MapNode {
  return withoutTwins(withoutEmptyServers(lengthened(tree, warn)));
}

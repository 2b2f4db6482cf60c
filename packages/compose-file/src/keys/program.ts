import { splitWords } from '../values/words.ts';
import type { Node } from '../yaml/node.ts';
import { typeFault } from './faults.ts';
import type { Key, Path } from './key.ts';
import { NULL, TEXT, text } from './scalars.ts';
import { isNull } from './tree.ts';

const WORDS: Key['forms'][number] = { kind: 'list', items: text() };

function words(node: Node, at: Path): readonly string[] {
  if (node.kind !== 'list') throw typeFault(node, at, 'a text, or a list of texts');
  return node.items.map((item, index) => text().type.decode(item, [...at, index]) ?? '');
}

function isLine(node: Node): node is Node & { value: string } {
  return node.kind === 'scalar' && typeof node.value === 'string';
}

/** A program with its arguments: a list, or a line that is split into words. It prints as null when it is not there, which differs from an empty list. */
export function program(): Key<readonly string[]> {
  return {
    forms: [NULL, TEXT, WORDS],
    type: {
      decode: (node, at) => (isNull(node) ? undefined : isLine(node) ? splitWords(node.value, node.place) : words(node, at)),
      print: (value) => value ?? null,
    },
  };
}

/** A health check: a list that begins with CMD, CMD-SHELL or NONE, or a line for the shell. */
export function healthTest(): Key<readonly string[]> {
  return {
    forms: [TEXT, WORDS],
    type: {
      decode: (node, at) => (isNull(node) ? undefined : isLine(node) ? ['CMD-SHELL', node.value] : words(node, at)),
      print: (value) => (value && value.length > 0 ? value : undefined),
    },
  };
}

import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, type ParsedNode, type YAMLMap } from 'yaml';
import { ComposeError } from '../errors.ts';
import { asAliased, withoutMarks } from './marks.ts';
import { mergeKeys } from './merge.ts';
import type { MapEntry, MapNode, Node, Place } from './node.ts';
import { scalarValue } from './tag.ts';

/** The parser and the readers of the tree are recursive; files that people write are a tenth as deep at most. */
const MAX_DEPTH = 500;
/** Ten aliases of ten aliases, six times over, are a million nodes; the reference's YAML reader allows 400,000. */
const MAX_FROM_ALIASES = 400_000;

const MARKS = { '!reset': 'reset', '!override': 'override' } as const;

/**
 * The documents of a YAML file as trees with places. Merge keys and aliases are resolved; an alias is the anchor's own object, so that a tree
 * takes no more memory than its text.
 *
 * @throws ComposeError on what the reference's YAML reader refuses, and on aliases that expand to too much
 */
export function parseYaml(text: string, file: string): Node[] {
  return new Reader(text.replace(/^\uFEFF/, ''), file).documents();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new LineCounter();
  /** As in the reference, an alias reaches back over `---`. */
  readonly #anchors = new Map<string, Node | 'open'>();
  /** How many nodes a node is when each alias in it is a copy. */
  readonly #sizes = new WeakMap<Node, number>();
  #fromAliases = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  documents(): Node[] {
    try {
      const options = { schema: 'failsafe', version: '1.1', uniqueKeys: false, lineCounter: this.#lines, prettyErrors: false, logLevel: 'silent' } as const;
      const documents = [...parseAllDocuments(this.#text, options)];
      this.#refuseControlCharacters();
      return documents.map((document, index) => this.#document(document, index));
    } catch (error) {
      if (error instanceof RangeError) throw this.#tooDeep({ file: this.#file, line: 1, column: 1 }, error);
      throw error;
    }
  }

  #document(document: Document.Parsed, index: number): Node {
    const error = document.errors.find(isFault) ?? document.warnings.find(({ code }) => code === 'BAD_DIRECTIVE');
    if (error && /call stack/.test(error.message)) throw this.#tooDeep(this.#placeAt(error.pos[0]), error);
    if (error) {
      const hint = /tab/i.test(error.message) ? 'Indent with blanks.' : 'Correct the YAML here or in the line before.';
      throw new ComposeError('COMPOSE_YAML', this.#placeAt(error.pos[0]), error.message, { hint, cause: error });
    }
    const start = this.#placeAt(document.range[0]);
    const { yaml, docStart } = document.directives;
    if (yaml.explicit && yaml.version !== '1.1')
      throw new ComposeError('COMPOSE_YAML', start, `%YAML ${yaml.version}: expected 1.1`, { hint: 'Delete the line.' });
    if (index > 0 && !docStart)
      throw new ComposeError('COMPOSE_YAML', start, 'expected --- after the end of a document', { hint: 'Write --- in a line of its own.' });
    const root = this.#node(document.contents, 0, start);
    if (root.tag === 'reset')
      throw new ComposeError('COMPOSE_TAG', start, '!reset: expected a key of the document, got the document', { hint: 'Delete the file.' });
    return root;
  }

  #node(parsed: ParsedNode | null, depth: number, fallback: Place): Node {
    const place = parsed ? this.#placeAt(parsed.range[0]) : fallback;
    if (depth > MAX_DEPTH) throw this.#tooDeep(place);
    if (isAlias(parsed)) return this.#alias(parsed.source, place);
    const anchor = parsed?.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    const content = this.#content(parsed, depth, place);
    const mark = parsed?.tag === '!reset' || parsed?.tag === '!override' ? MARKS[parsed.tag] : undefined;
    const node: Node = mark ? { ...withoutMarks(content), tag: mark } : content;
    if (anchor !== undefined) this.#anchors.set(anchor, asAliased(node));
    return node;
  }

  #content(parsed: ParsedNode | null, depth: number, place: Place): Node {
    if (isMap(parsed)) return this.#map(parsed, depth, place);
    if (isSeq(parsed)) {
      const items = parsed.items.map((item) => this.#node(item as ParsedNode | null, depth + 1, place));
      return { kind: 'list', place, items: items.filter(({ tag }) => tag !== 'reset') };
    }
    const quoted = isScalar(parsed) && parsed.type !== 'PLAIN';
    if (quoted && parsed.type === 'QUOTE_DOUBLE') this.#refuseEscapes(parsed.range);
    const source = isScalar(parsed) ? String(parsed.value ?? '') : '';
    return { kind: 'scalar', place, value: scalarValue(parsed?.tag, source, quoted, place), source, quoted };
  }

  #map(parsed: YAMLMap, depth: number, place: Place): MapNode {
    const entries = new Map<string, MapEntry>();
    let merge: MapEntry | undefined;
    for (const pair of parsed.items) {
      if (!isPair(pair)) throw new Error('a mapping has an item that is no pair');
      const key = pair.key as ParsedNode | null;
      const keyPlace = key ? this.#placeAt(key.range[0]) : place;
      if (parsed.flow && isScalar(key) && key.type === 'PLAIN') this.#refuseColonInKey(key);
      const isMerge = isScalar(key) && key.value === '<<' && key.type === 'PLAIN' && [undefined, '!', 'tag:yaml.org,2002:merge'].includes(key.tag);
      const name = isMerge ? '<<' : this.#key(key, depth, keyPlace);
      const value = this.#node((pair.value ?? null) as ParsedNode | null, depth + 1, keyPlace);
      const first = isMerge ? merge : entries.get(name);
      if (first) {
        const hint = isMerge ? 'Write one list: <<: [*a, *b].' : 'Delete one of the two.';
        throw new ComposeError('COMPOSE_DUPLICATE_KEY', keyPlace, `${name}: the key stands in line ${first.keyPlace.line} already`, { hint });
      }
      if (isMerge) merge = { keyPlace, value };
      else entries.set(name, { keyPlace, value });
    }
    if (!merge) return { kind: 'map', place, entries };
    const merged = mergeKeys(entries, merge);
    return { kind: 'map', place, entries: merged.entries, ...(merged.overrides && { tag: 'override' }) };
  }

  /** Escapes of JSON that the reference's YAML reader does not have, and an escaped quote that the parser takes for the closing one. */
  #refuseEscapes([start, end]: ParsedNode['range']): void {
    const backslashes = /\\*(?="$)/.exec(this.#text.slice(start + 1, end))?.[0].length ?? 0;
    if (backslashes % 2 === 1) {
      throw new ComposeError('COMPOSE_YAML', this.#placeAt(start), 'the closing " is missing: the last one has a backslash before it', {
        hint: 'Write the closing ".',
      });
    }
    const [escape] = /^(?:[^\\]|\\(?!\/|u[dD][89a-fA-F])[^])*(\\\/|\\u[dD][89a-fA-F]..)/.exec(this.#text.slice(start, end))?.slice(1) ?? [];
    if (escape === undefined) return;
    const hint = escape === '\\/' ? 'Write / without a backslash.' : 'Write the character itself, or \\U and eight digits.';
    throw new ComposeError('COMPOSE_YAML', this.#placeAt(start), `${escape}: the escape does not exist`, { hint });
  }

  /** Of `{a:}` the reference reads the key `a:`. */
  #refuseColonInKey({ range: [start, end] }: ParsedNode): void {
    if (!/^:[,\]}[{]/.test(this.#text.slice(end, end + 2))) return;
    const name = this.#text.slice(start, end);
    throw new ComposeError('COMPOSE_YAML', this.#placeAt(start), `${name}: expected a blank after the colon`, { hint: `Write {${name}: }.` });
  }

  #key(key: ParsedNode | null, depth: number, place: Place): string {
    const node = this.#node(key, depth + 1, place);
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
    const actual = node.kind === 'scalar' ? node.source || 'nothing' : `a ${node.kind}`;
    const hint = node.kind === 'scalar' && node.source ? `Write "${node.source}" in quotes.` : 'Write a name before the colon.';
    throw new ComposeError('COMPOSE_KEY', place, `expected a string as key, got ${actual}`, { hint });
  }

  #alias(name: string, place: Place): Node {
    const node = this.#anchors.get(name);
    if (node === undefined) {
      const hint = `Write &${name} at its value before the first *${name}, or quote the text.`;
      throw new ComposeError('COMPOSE_ALIAS', place, `*${name}: no anchor &${name} stands before it`, { hint });
    }
    if (node === 'open')
      throw new ComposeError('COMPOSE_ALIAS', place, `*${name}: cycle detected, it stands inside of &${name}`, {
        hint: 'Move the anchor to a part without the alias.',
      });
    this.#fromAliases += this.#size(node);
    if (this.#fromAliases > MAX_FROM_ALIASES)
      throw new ComposeError('COMPOSE_ALIAS', place, `*${name}: aliases expand to more than ${MAX_FROM_ALIASES} nodes`, {
        hint: 'Use fewer aliases of aliases.',
      });
    return node;
  }

  #size(node: Node): number {
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    const children = node.kind === 'list' ? node.items : node.kind === 'map' ? [...node.entries.values()].map(({ value }) => value) : [];
    const size = children.reduce((sum, child) => sum + this.#size(child), 1);
    this.#sizes.set(node, size);
    return size;
  }

  #refuseControlCharacters(): void {
    const found = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\uFFFE\uFFFF]/.exec(this.#text);
    if (!found) return;
    const code = found[0].charCodeAt(0).toString(16).padStart(2, '0');
    throw new ComposeError('COMPOSE_YAML', this.#placeAt(found.index), `control character U+00${code.toUpperCase()}`, {
      hint: `Write "\\x${code}" in double quotes.`,
    });
  }

  #tooDeep(place: Place, cause?: unknown): ComposeError {
    return new ComposeError('COMPOSE_DEPTH', place, `mappings and lists are nested more than ${MAX_DEPTH} deep`, { hint: 'Nest less.', cause });
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** As the reference, and in spite of YAML's specification, a comment may follow a value without a blank. */
function isFault({ message }: { message: string }): boolean {
  return !message.startsWith('Comments must be separated');
}

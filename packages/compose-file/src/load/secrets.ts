import { ComposeError } from '../errors.ts';
import { formatVariables } from '../keys/tree.ts';
import type { Node, Place } from '../yaml/node.ts';

/** A scalar with values of variables, which may be secret. */
export interface Interpolated {
  /** Of its keys in its own file; an item of a list has the path of the list. */
  readonly path: readonly string[];
  readonly place: Place;
  /** Names. */
  readonly variables: readonly string[];
}

/** Remembers which places of files have values of variables, so that no message shows one. */
export class Secrets {
  readonly #variables = new Map<string, readonly string[]>();
  readonly interpolated: Interpolated[] = [];

  /** Remembers the scalars of a tree that interpolation made. */
  add(node: Node, path: readonly string[] = []): void {
    if (node.kind === 'map') for (const [name, { value }] of node.entries) this.add(value, [...path, name]);
    else if (node.kind === 'list') for (const item of node.items) this.add(item, path);
    else if (node.variables) {
      this.#variables.set(keyOf(node.place), node.variables);
      this.interpolated.push({ path, place: node.place, variables: node.variables });
    }
  }

  /** The message without the value of a variable that stands at this place. */
  hideIn(place: Place, message: string): string {
    const variables = this.#variables.get(keyOf(place));
    return variables
      ? `there is something to look at in what ${formatVariables(variables)} made of this value; it is not shown, because it may be secret`
      : message;
  }

  /** The error without the value of a variable; errors of type do not show any. */
  hide(error: unknown): unknown {
    if (!(error instanceof ComposeError) || !error.place || SILENT.has(error.code)) return error;
    const variables = this.#variables.get(keyOf(error.place));
    if (!variables) return error;
    const code = error.code as `COMPOSE_${string}`;
    return new ComposeError(code, error.place, `what ${formatVariables(variables)} made of this value is refused; it is not shown, because it may be secret`, {
      hint: `Look at the value of ${formatVariables(variables)}, or write it here for a moment to see more.`,
    });
  }
}

const SILENT = new Set([
  'COMPOSE_TYPE',
  'COMPOSE_TWICE',
  'COMPOSE_MERGE',
  'COMPOSE_VARIABLE',
  'COMPOSE_INTERPOLATION',
  'COMPOSE_OUTSIDE',
  'COMPOSE_FILE_MISSING',
]);

function keyOf({ file, line, column }: Place): string {
  return `${line}:${column}:${file}`;
}

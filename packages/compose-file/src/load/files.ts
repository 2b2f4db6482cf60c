import { ComposeError } from '../errors.ts';
import { cleanPath } from '../keys/long-forms.ts';
import type { Node, Place } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';

/** Text of a file below the workspace's root, undefined when it is not there. Paths are absolute, with `/`. */
export interface Files {
  read(path: string): string | undefined;
}

/** What was parsed of the texts of `Files`: who loads a file again, with other variables or other files over it, parses it once. */
const PARSED = new WeakMap<Files, Map<string, { readonly text: string; readonly documents: readonly Node[] }>>();

/** Reads below the root only, and remembers every file that was asked for. */
export class Reader {
  readonly asked = new Set<string>();
  readonly #documents = new Map<string, readonly Node[]>();
  readonly #files: Files;
  readonly #root: string;

  constructor(files: Files, root: string) {
    this.#files = files;
    this.#root = cleanPath(root);
  }

  /** The text of a file, undefined when it is not there; `place` is where the file is named. */
  find(path: string, place: Place | undefined): string | undefined {
    const clean = cleanPath(path);
    if (this.#root !== '/' && !clean.startsWith(`${this.#root}/`)) {
      throw new ComposeError('COMPOSE_OUTSIDE', place, `${clean} is outside of ${this.#root}; nothing there is read`, {
        hint: 'Move the file below this directory.',
      });
    }
    this.asked.add(clean);
    return this.#files.read(clean);
  }

  /** The text of a file that has to be there; `what` says what the file is for. */
  read(path: string, place: Place | undefined, what: string): string {
    const text = this.find(path, place);
    if (text !== undefined) return text;
    throw new ComposeError('COMPOSE_FILE_MISSING', place, `${what} ${cleanPath(path)} is not there`, { hint: 'Create the file, or correct the path.' });
  }

  /** The documents of a YAML file that has to be there. */
  documents(path: string, place: Place | undefined, what: string): readonly Node[] {
    const known = this.#documents.get(path);
    if (known) return known;
    const text = this.read(path, place, what);
    const before = PARSED.get(this.#files)?.get(path);
    const documents = before?.text === text ? before.documents : parseYaml(text, path);
    this.#documents.set(path, documents);
    PARSED.set(this.#files, (PARSED.get(this.#files) ?? new Map()).set(path, { text, documents }));
    return documents;
  }
}

export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

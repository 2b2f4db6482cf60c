import type { Directories } from '../keys/key.ts';
import type { Place } from '../yaml/node.ts';
import type { Reader } from './files.ts';
import type { Secrets } from './secrets.ts';

/** What the files of a project, or of an included one, are read with. */
export interface Context extends Directories {
  readonly reader: Reader;
  readonly environment: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
  readonly warn: (place: Place, message: string) => void;
  /** Files that include this one, outermost first. */
  readonly includedFrom: readonly string[];
}

export interface SourceFile {
  readonly path: string;
  /** Where the file is named. */
  readonly place?: Place | undefined;
}

import type { Place } from '../yaml/node.ts';

/** A variable of an env file. */
export interface EnvEntry {
  readonly value: string;
  /** Where the name stands. */
  readonly place: Place;
  /** The file has the name alone: the value is that of `lookup`. */
  readonly inherited: boolean;
  /** Names of the variables that the value asked for. */
  readonly variables: readonly string[];
}

/** Gives the place of offsets that only grow. */
export function placesIn(text: string, file: string): (offset: number) => Place {
  let line = 1;
  let lineStart = 0;
  return (offset) => {
    for (let end = text.indexOf('\n', lineStart); end !== -1 && end < offset; end = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = end + 1;
    }
    return { file, line, column: offset - lineStart + 1 };
  };
}

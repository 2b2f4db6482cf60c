/** Where something stands: the file as it was named to the reader, line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Common {
  readonly place: Place;
  /** `!reset` removes what an earlier file said; `!override` replaces it instead of merging. */
  readonly tag?: 'reset' | 'override';
  /** Nobody wrote it: a default. */
  readonly implied?: true;
}

/** A date or time, which YAML 1.1 types by its look and Compose takes nowhere; `source` of its node has the text. */
export class TimestampValue {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Integers are bigint, exact; numbers with a point or exponent, infinities and NaN are number. */
export type ScalarValue = string | boolean | number | bigint | null | TimestampValue;

/** A scalar with the type that the reference's YAML reader gives it. */
export interface ScalarNode extends Common {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  /** The text without quotes and escapes. */
  readonly source: string;
  /** Written in quotes or as a block: always a string. */
  readonly quoted: boolean;
  /** Names of the variables that interpolation asked for to make the value. */
  readonly variables?: readonly string[];
  /** An absolute path, which the file writes relative to itself. */
  readonly relative?: true;
}

export interface ListNode extends Common {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly value: Node;
}

export interface MapNode extends Common {
  readonly kind: 'map';
  /** In the order of the file; merge keys (`<<`) are resolved. */
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export type Node = ScalarNode | ListNode | MapNode;

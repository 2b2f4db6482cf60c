import { overrideOf, type ComposeError, type Path, type Place } from '@container-os/compose-file';
import { dirname, join } from 'node:path';
import type { Texts } from '../infer/texts.ts';

/**
 * What a variable without a value is taken for, one after the other, until the file can be read: nothing, then what a number, a path, a switch, a
 * time, an address and a subnet look like.
 */
const VALUES = ['', '1', '/value', 'true', '1s', '10.9.0.9', '10.9.0.0/16', 'value'];

/** A variable, not the `$$` before a word. */
const VARIABLE = /(?<!\$)(?:\$\$)*\$\{?([A-Za-z_]\w*)/g;

/**
 * A file and what is beside it, with what it leaves to others: values of variables, and in one more file the images of services and all that is
 * reset. Places in the file itself stay what they are.
 */
export class Assumed implements Texts {
  readonly asked = {};
  readonly main: string;
  readonly incomplete: string[] = [];
  readonly #values = new Map<string, number>();
  readonly #override: Record<string, unknown> = {};
  readonly #resets = new Set<string>();
  #text: string;

  readonly real: (path: string) => string | undefined;

  constructor(main: string, real: (path: string) => string | undefined) {
    this.main = main;
    this.real = real;
    this.#text = real(main) ?? '';
    const known = real(join(dirname(main), '.env')) ?? '';
    const isKnown = (name: string): boolean => new RegExp(`^(export +)?${name}=`, 'm').test(known);
    // A path that begins with a variable is one of the machine's, not of the OS: ${DATA}/etc. Within a path, a variable is a word.
    for (const [, before = '', name = '', after = ''] of this.#text.matchAll(/(\/?)(?<!\$)(?:\$\$)*\$\{?([A-Za-z_]\w*)(?::?\?[^}]*)?(?![\w:?+-])\}?(\/?)/g))
      if (before + after !== '' && !isKnown(name) && !this.#values.has(name)) this.#take(name, VALUES.indexOf(before === '' ? '/value' : 'value'));
  }

  /** Whether the line has a variable: what is wrong there may be what it was taken for. */
  dependsOnValue(line: number): boolean {
    return (this.#text.split('\n')[line - 1] ?? '').search(VARIABLE) >= 0;
  }

  /** What decides what is read, and the values. */
  environment(): Map<string, string> {
    const override = overrideOf(this.main, (path) => this.real(path) !== undefined);
    const files = [this.main, ...(override === undefined ? [] : [override]), ...(Object.keys(this.#override).length === 0 ? [] : [this.#more])];
    const values = [...this.#values].flatMap(([name, value]) => (VALUES[value] === '' ? [] : [[name, VALUES[value]!] as const]));
    // No path has a line break.
    return new Map([...values, ['COMPOSE_FILE', files.join('\n')], ['COMPOSE_PATH_SEPARATOR', '\n']]);
  }

  get #more(): string {
    return `${this.main}.assumed`;
  }

  read(path: string): string | undefined {
    if (path === this.main) return this.#text;
    if (path === this.#more) return JSON.stringify(this.#override).replaceAll(JSON.stringify(RESET), '!reset null');
    return this.#files.has(path) ? '' : this.real(path);
  }

  variable(): undefined {
    return undefined;
  }

  readonly #files = new Set<string>();

  /** The file is read as that of an image. */
  beImage(): void {
    if (!/^["']?x-os["']?\s*:/m.test(this.#text)) this.set(['x-os'], {});
  }

  /** Assumes what the error says is missing. Returns whether there was anything. */
  mend({ code, message, reason, place }: ComposeError): boolean {
    const service = /^services\.(.+): neither "image" nor "build"/.exec(reason)?.[1];
    if (service !== undefined) {
      this.incomplete.push(`needs the image of ${service}`);
      return this.set(['services', service, 'image'], 'assumed');
    }
    const file = code === 'COMPOSE_FILE_MISSING' ? /^the file with (?:variables|labels) (.*) is not there$/.exec(reason)?.[1] : undefined;
    if (file !== undefined) {
      this.incomplete.push(`needs the file ${file.replace(`${dirname(this.main)}/`, '')}`);
      this.#files.add(file);
      return true;
    }
    const line = place?.file === this.main ? (this.#text.split('\n')[place.line - 1] ?? '') : '';
    const names = [...`${line} ${message}`.matchAll(VARIABLE)].map(([, name = '']) => name);
    const required = /^required variable (\w+)/.exec(reason)?.[1];
    const next = [...(required ? [required] : []), ...names].find((name) => (this.#values.get(name) ?? 0) < VALUES.length - 1);
    return next === undefined ? false : this.#take(next, (this.#values.get(next) ?? 0) + 1);
  }

  /** Reads over a key that nobody knows, as over one that begins with x-. Places stay what they are. Returns whether it could. */
  pass(place: Place | undefined): boolean {
    if (place?.file !== this.main) return false;
    const lines = this.#text.split('\n');
    const line = lines[place.line - 1] ?? '';
    const [before, rest] = [line.slice(0, place.column - 1), line.slice(place.column - 1)];
    const passed = rest.replace(/^(["']?)(?!x-)[\w.-]{2}(?=[\w.-])/, '$1x-');
    lines[place.line - 1] = before + passed;
    this.#text = lines.join('\n');
    return passed !== rest;
  }

  #take(name: string, value: number): true {
    if (!this.#values.has(name)) this.incomplete.push(`needs a value for ${name}`);
    this.#values.set(name, value);
    return true;
  }

  set(path: readonly string[], value: unknown): true {
    let at = this.#override;
    for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
    at[path.at(-1)!] = value;
    return true;
  }

  /** Takes a key away, or that of the list that the path leads into. Returns whether that is new. */
  reset(path: Path): boolean {
    const index = path.findIndex((one) => typeof one === 'number');
    const names = (index < 0 ? path : path.slice(0, index)) as string[];
    const key = names.join('\0');
    if (names.length < 2 || this.#resets.has(key)) return false;
    this.#resets.add(key);
    let at = this.#override;
    for (const name of names.slice(0, -1)) {
      if (at[name] === RESET) return false;
      at = (at[name] ??= {}) as Record<string, unknown>;
    }
    at[names.at(-1)!] = RESET;
    return true;
  }
}

const RESET = '\u0001reset';

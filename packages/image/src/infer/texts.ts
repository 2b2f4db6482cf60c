import { createHash, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Files that an inference reads, and a record of them: with their texts they decide its result. */
export interface Texts {
  /** The text of a file, by absolute path; undefined when there is none. */
  read(path: string): string | undefined;
  /** A variable of the process environment that an image names. */
  variable(name: string): string | undefined;
  /** sha256 by path of all that was asked for, and by `$NAME` of variables, which have a salt; null for what was not there. */
  readonly asked: Readonly<Record<string, string | null>>;
}

export function readTexts(): Texts {
  const texts = new Map<string, string | undefined>();
  const asked: Record<string, string | null> = {};
  return {
    asked,
    read: (path) => {
      if (texts.has(path)) return texts.get(path);
      const text = readText(path);
      texts.set(path, text);
      asked[path] = text === undefined ? null : digestText(path, text);
      return text;
    },
    variable: (name) => {
      // eslint-disable-next-line no-restricted-syntax -- the image names it, and its value is part of what it was inferred from
      const value = process.env[name];
      asked[`$${name}`] = value === undefined ? null : digestVariable(name, value);
      return value;
    },
  };
}

/**
 * A path of Windows as the inference has it, like those of Compose files: `C:\\shop` is `/C:/shop`. Others stay as they are.
 */
export function posixPath(path: string): string {
  return /^[A-Za-z]:[\\/]/.test(path) ? `/${path.replaceAll('\\', '/')}` : path;
}

/** The same path for the file system. */
export function nativePath(path: string): string {
  return path.replace(/^\/(?=[A-Za-z]:\/)/, '');
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(nativePath(path), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** A JSON file that must be there. */
export function parseText<Value>(texts: Texts, path: string): Value {
  const text = texts.read(path);
  if (text === undefined) throw new Error(`${path}: no such file`);
  return JSON.parse(text) as Value;
}

/** What is neither YAML, JSON nor code, such as .env, has values that may be secret. plugin.mjs makes the same. */
function digestText(path: string, text: string): string {
  return /\.(ya?ml|json|[cm]?[jt]s)$/.test(path) ? createHash('sha256').update(text).digest('hex') : digestVariable('file', text);
}

/** Of a value that may be secret: slow, and with a salt. plugin.mjs makes the same. */
export function digestVariable(name: string, value: string): string {
  return scryptSync(value, `container-os ${name}`, 32).toString('hex');
}

import { parseDuration, formatDuration } from '../values/duration.ts';
import { parseSize } from '../values/size.ts';
import type { Node } from '../yaml/node.ts';
import { typeFault, valueFault } from './faults.ts';
import { float32, goText } from './go.ts';
import type { Form, Json, Key, Path, Type } from './key.ts';
import { isNull } from './tree.ts';

export const TEXT: Form = { kind: 'text' };
export const NUMBER: Form = { kind: 'number' };
export const INTEGER: Form = { kind: 'integer' };
export const BOOLEAN: Form = { kind: 'boolean' };
export const NULL: Form = { kind: 'null' };

/** A scalar type: null is as if the key was not there; `zero` is what the reference leaves out when it prints. */
function scalarType<T extends Json>(read: (node: Node, at: Path) => T, isZero: (value: T) => boolean): Type<T> {
  return {
    decode: (node, at) => (isNull(node) ? undefined : read(node, at)),
    print: (value) => (value === undefined || isZero(value) ? undefined : value),
  };
}

function readText(node: Node, at: Path): string {
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  throw typeFault(node, at, 'a text', 'Write the value in quotes.');
}

export function text(form: { pattern?: string; values?: readonly string[] } = {}): Key<string> {
  return { forms: [{ kind: 'text', ...form }], type: scalarType(readText, (value) => value === '') };
}

function readFlag(node: Node, at: Path): boolean {
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return castBoolean(value, node, at);
  throw typeFault(node, at, 'true or false');
}

const YES = ['true', 'y', 'yes', 'on'];
const NO = ['false', 'n', 'no', 'off'];

/** The reference takes the words of YAML 1.1 for a boolean. */
export function castBoolean(value: string, node: Node, at: Path): boolean {
  if (YES.includes(value.toLowerCase())) return true;
  if (NO.includes(value.toLowerCase())) return false;
  throw typeFault(node, at, 'true or false');
}

/** false prints as if the key was not there. */
export function flag(): Key<boolean> {
  return { forms: [BOOLEAN, TEXT], type: scalarType(readFlag, (value) => !value) };
}

/** As `flag`, but false differs from a missing key. */
export function optionalFlag(): Key<boolean> {
  return { forms: [BOOLEAN, TEXT], type: scalarType(readFlag, () => false) };
}

export function castInteger(value: string, node: Node, at: Path): bigint {
  if (/^[+-]?\d+$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)) return BigInt(value);
  throw typeFault(node, at, 'an integer');
}

export function castFloat(value: string, node: Node, at: Path): number {
  const plain = value.replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  const [, sign, whole, fraction = '', power] = /^([+-]?)0x([\da-f]+)\.?([\da-f]*)p([+-]?\d+)$/i.exec(value) ?? [];
  if (power !== undefined) return Number(`${sign}1`) * parseInt(`${whole}${fraction}`, 16) * 2 ** (Number(power) - 4 * fraction.length);
  throw typeFault(node, at, 'a number');
}

function readInteger(node: Node, at: Path): number {
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'bigint') return Number(BigInt.asIntN(64, value));
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string') return Number(castInteger(value, node, at));
  throw typeFault(node, at, 'an integer');
}

/** An integer; 0 prints as if the key was not there. */
export function integer(...forms: readonly Form[]): Key<number> {
  return { forms: forms.length > 0 ? forms : [NUMBER, TEXT], type: scalarType(readInteger, (value) => value === 0) };
}

/** As `integer`, but 0 differs from a missing key. */
export function optionalInteger(...forms: readonly Form[]): Key<number> {
  return { forms: forms.length > 0 ? forms : [INTEGER, TEXT], type: scalarType(readInteger, () => false) };
}

/** An integer that is not negative; a text is refused unless interpolation has cast it. */
export function unsigned(bits: 16 | 32 | 64, ...forms: readonly Form[]): Key<number> {
  return { forms, type: scalarType(readUnsigned(bits), (value) => value === 0) };
}

export function optionalUnsigned(...forms: readonly Form[]): Key<number> {
  return { forms, type: scalarType(readUnsigned(64), () => false) };
}

function readUnsigned(bits: 16 | 32 | 64): (node: Node, at: Path) => number {
  return (node, at) => {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if ((typeof value !== 'bigint' && typeof value !== 'number') || value < 0) throw typeFault(node, at, 'an integer from 0 on');
    return Number(BigInt.asUintN(bits, BigInt(typeof value === 'number' ? Math.trunc(value) : value)));
  };
}

function readFloat(node: Node, at: Path): number {
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return float32(Number(value));
  if (typeof value === 'string') return float32(castFloat(value, node, at));
  throw typeFault(node, at, 'a number');
}

export function float(...forms: readonly Form[]): Key<number> {
  return { forms: forms.length > 0 ? forms : [NUMBER, TEXT], type: scalarType(readFloat, (value) => value === 0) };
}

/** Bytes; the reference prints them as text, and takes a number with a point for no value. */
export function size(...forms: readonly Form[]): Key<bigint> {
  const { decode } = scalarType<bigint>(
    (node, at) => {
      const value = node.kind === 'scalar' ? node.value : undefined;
      if (typeof value === 'bigint') return value;
      if (typeof value === 'string') return BigInt(parseSize(value, node.place));
      if (typeof value === 'number') return 0n;
      throw typeFault(node, at, 'a size', 'Write a number of bytes, or a number with a unit: 64m.');
    },
    () => false,
  );
  return { forms: forms.length > 0 ? forms : [NUMBER, TEXT], type: { decode, print: (value) => (value ? String(value) : undefined) } };
}

function readDuration(node: Node): bigint {
  return BigInt(parseDuration(node.kind === 'scalar' ? goText(node.value) : '', node.place));
}

/** Nanoseconds. */
export function duration(): Key<bigint> {
  const { decode } = scalarType<bigint>(readDuration, () => false);
  return { forms: [TEXT], type: { decode, print: (value) => (value === undefined ? undefined : formatDuration(value)) } };
}

/** As `duration`, but 0 prints as if the key was not there. */
export function durationOrZero(): Key<bigint> {
  const { decode } = scalarType<bigint>(readDuration, () => false);
  return { forms: [TEXT], type: { decode, print: (value) => (value ? formatDuration(value) : undefined) } };
}

/** Permissions of a file: octal digits as text, or a number. */
export function fileMode(): Key<bigint> {
  const { decode } = scalarType<bigint>(
    (node, at) => {
      const value = node.kind === 'scalar' ? node.value : undefined;
      if (typeof value === 'bigint') return value;
      if (typeof value === 'string' && /^[+-]?[0-7]+$/.test(value)) return BigInt(value.startsWith('-') ? -parseInt(value.slice(1), 8) : parseInt(value, 8));
      throw typeFault(node, at, 'octal permissions', 'Write them as "0440".');
    },
    () => false,
  );
  return { forms: [NUMBER, TEXT], type: { decode, print: (value) => (value === undefined ? undefined : `0${value.toString(8)}`) } };
}

/** How many devices: a number, or all. */
export function deviceCount(): Key<number> {
  return {
    forms: [TEXT, INTEGER],
    type: scalarType(
      (node, at) => {
        const value = node.kind === 'scalar' ? node.value : undefined;
        if (typeof value === 'bigint') return Number(value);
        if (typeof value === 'string') return value.toLowerCase() === 'all' ? -1 : Number(castInteger(value, node, at));
        throw valueFault(node.place, at, 'expected a number or "all"', 'Write a number, or all.');
      },
      (value) => value === 0,
    ),
  };
}

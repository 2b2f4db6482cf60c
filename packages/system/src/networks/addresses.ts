/** An IP address; `value` has 32 or 128 bits. */
export interface Address {
  family: 4 | 6;
  value: bigint;
}

/** Addresses that follow one another. */
export interface Span {
  family: Address['family'];
  first: bigint;
  last: bigint;
}

/** A subnet of a network that is known to be one. */
export interface Subnet extends Span {
  text: string;
  gateway: Address;
  /** The part that addresses are given of. */
  range: Span;
  /** Addresses that are somebody's already. */
  reserved: Address[];
  /** The file gives it. */
  given: boolean;
}

/** @returns undefined for what is no address */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(':') ? parse6(text) : parse4(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** The shortest form, as RFC 5952 has it for IPv6. */
export function formatAddress({ family, value }: Address): string {
  return family === 4 ? [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.') : format6(value);
}

/** @returns undefined for what is no subnet, or has bits of a host */
export function parseSubnet(text: string): (Span & { prefix: number }) | undefined {
  const [, start = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(start);
  const bits = address?.family === 6 ? 128 : 32;
  const prefix = Number(digits);
  if (!address || digits === '' || prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  return address.value % size === 0n ? { family: address.family, first: address.value, last: address.value + size - 1n, prefix } : undefined;
}

export function contains({ family, first, last }: Span, address: Address): boolean {
  return family === address.family && first <= address.value && address.value <= last;
}

export function overlap(a: Span, b: Span): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** What is left of `span` without `taken`. */
export function without({ family, first, last }: Span, taken: readonly Address[]): Span[] {
  const inside = taken.filter((address) => contains({ family, first, last }, address)).map(({ value }) => value);
  const borders = [...new Set(inside)].sort((a, b) => (a < b ? -1 : 1));
  const starts = [first, ...borders.map((border) => border + 1n)];
  const ends = [...borders.map((border) => border - 1n), last];
  return starts.flatMap((start, index) => (start <= ends[index]! ? [{ family, first: start, last: ends[index]! }] : []));
}

function parse4(text: string): bigint | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) return undefined;
  return bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

function parse6(text: string): bigint | undefined {
  const [, head = text, last] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  const low = last === undefined ? undefined : parse4(last);
  if (last !== undefined && low === undefined) return undefined;
  const whole = low === undefined ? text : `${head}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const halves = whole.split('::');
  const [left = [], right] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = right ? [...left, ...Array<string>(Math.max(1, 8 - left.length - right.length)).fill('0'), ...right] : left;
  if (halves.length > 2 || groups.length !== 8 || !groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

function format6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const zeros = [...groups.join(':').matchAll(/(?<![\da-f])0(:0)+(?![\da-f])/g)].map(([run]) => run);
  const longest = zeros.reduce((one, run) => (run.length > one.length ? run : one), '');
  if (longest === '') return groups.join(':');
  const text = groups.join(':');
  const at = text.search(new RegExp(`(?<![\\da-f])${longest}(?![\\da-f])`));
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

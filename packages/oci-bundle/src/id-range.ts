/** Number of ids per container: ids 0 to 65535 inside are `firstId` to `firstId + 65535` outside. */
export const ID_COUNT = 65536;

const RANGES = 0x7ffe;

/**
 * The first user and group id outside that belongs to `container`. It depends on the name alone, so that the
 * container keeps its files from boot to boot; between 65536 and 2³¹, like the ranges of subuid(5).
 *
 * @param taken First ids of other containers: where the name comes to one of them, the next range is taken that is free.
 */
export function firstId(container: string, taken: ReadonlySet<number> = new Set()): number {
  let range = fnv1a(container) % RANGES;
  for (let tries = 0; tries < RANGES && taken.has(first(range)); tries++) range = (range + 1) % RANGES;
  return first(range);
}

function first(range: number): number {
  return ID_COUNT * (1 + range);
}

/** Hash of http://www.isthe.com/chongo/tech/comp/fnv, 32 bits. Of a text of ASCII a character is a byte; QuickJS has no TextEncoder. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}

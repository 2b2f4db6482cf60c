/** Number of ids per container: ids 0 to 65535 inside are `firstId` to `firstId + 65535` outside. */
export const ID_COUNT = 65536;

/**
 * The first user and group id outside that belongs to `container`. It depends on the name alone, so that the
 * container keeps its files on volumes from boot to boot; between 65536 and 2³¹, like the ranges of subuid(5).
 */
export function firstId(container: string): number {
  return ID_COUNT * (1 + (fnv1a(container) % 0x7ffe));
}

/** Hash of http://www.isthe.com/chongo/tech/comp/fnv, 32 bits. Of a text of ASCII a character is a byte; QuickJS has no TextEncoder. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}

import type { Definition } from './definition.schema.d.ts';

/** Parses `1000:100`; without a group, the group is the user's number. */
export function userOf({ user = '0' }: Pick<Definition, 'user'>): { uid: number; gid: number } {
  const [uid = 0, gid = uid] = user.split(':').map(Number);
  return { uid, gid };
}

/** Parses a size such as `32m`. */
export function bytes(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(\w?)$/.exec(text) ?? [];
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit === 'b' ? '' : unit);
}

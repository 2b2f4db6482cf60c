import type { Definition } from './definition.schema.d.ts';

/** `1000:100` as numbers; the group is the user's own when none is named. */
export function userOf({ user = '0' }: Definition): { uid: number; gid: number } {
  const [uid = 0, gid = uid] = user.split(':').map(Number);
  return { uid, gid };
}

/** `32m` as a number. */
export function bytes(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(\w?)$/.exec(text) ?? [];
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit === 'b' ? '' : unit);
}

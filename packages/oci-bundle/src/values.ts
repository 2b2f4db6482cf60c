import type { Definition } from './definition.schema.d.ts';

/** Parses `1000:100`; without a group, the group is the user's number. */
export function userOf({ user = '0' }: Pick<Definition, 'user'>): { uid: number; gid: number } {
  const [uid = 0, gid = uid] = user.split(':').map(Number);
  return { uid, gid };
}

/** Whether the ids of the container are unprivileged ones outside. */
export function hasOwnIds({ userns_mode, privileged }: Definition): boolean {
  return userns_mode !== 'host' && !privileged;
}

/** Parses a size such as `32m`. */
export function bytes(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(\w?)$/.exec(text) ?? [];
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit === 'b' ? '' : unit);
}

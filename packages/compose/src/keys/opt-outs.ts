import type { Case } from './key.ts';

/** Values that weaken what the OS promises. In a list, each item is looked at. */
export type OptOuts = Readonly<Record<string, readonly (Case & { readonly status: { readonly class: 'opt-out' } })[]>>;

function optOut(value: string, reason: string, matches: Case['matches'] = (one) => one === value): OptOuts[string][number] {
  return { value, matches, status: { class: 'opt-out', reason } };
}

/**
 * By key of a service, and of a container's definition, which writes these values alike: the OS reads this list too, so that the module
 * imports nothing.
 */
export const OPT_OUTS = {
  network_mode: [optOut('host', 'The container uses the networks of the OS itself: every port of the OS, and all that listens on lo.')],
  security_opt: [optOut('seccomp:unconfined', 'The program may use every system call.')],
  userns_mode: [optOut('host', 'Root of the container is root of the OS.')],
  volumes: [optOut('a path of the OS', 'The container sees files of the OS.', isOfOs)],
} satisfies OptOuts;

/** A mount of such a path: /etc/localtime and /etc/timezone are no secrets. */
function isOfOs(mount: unknown): boolean {
  const { type, source = '' } = typeof mount === 'string' ? { type: 'bind', source: mount.split(':')[0] } : (mount as { type?: string; source?: string });
  return (
    type === 'bind' && /^\/((proc|sys|dev|run|etc|var\/run|boot|lib|lib64|usr|bin|sbin)(\/|$)|$)/.test(source) && !/^\/etc\/(localtime|timezone)$/.test(source)
  );
}

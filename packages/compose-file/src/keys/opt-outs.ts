import type { Case } from './key.ts';

/** Values that weaken what the OS promises. In a list, each item is looked at. */
export type OptOuts = Readonly<Record<string, readonly (Case & { readonly status: { readonly class: 'opt-out' } })[]>>;

function optOut(value: string, reason: string, matches: Case['matches'] = (one) => one === value): OptOuts[string][number] {
  return { value, matches, status: { class: 'opt-out', reason } };
}

/** In both forms, `option:value` and `option=value`. */
function option(text: string): Case['matches'] {
  return (one) => typeof one === 'string' && one.replace('=', ':') === text;
}

/**
 * By key of a service, and of a container's definition, which writes these values alike: the OS reads this list too, so that the module
 * imports nothing.
 */
export const OPT_OUTS = {
  cgroup: [optOut('host', 'The container sees the control groups of the OS.')],
  device_cgroup_rules: [optOut('every rule', 'The program may use such devices of the OS.', () => true)],
  devices: [optOut('every device', 'The program uses a device of the OS.', () => true)],
  ipc: [optOut('host', 'The container shares memory and queues with the OS.')],
  network_mode: [optOut('host', 'The container uses the networks of the OS itself: every port of the OS, and all that listens on lo.')],
  pid: [optOut('host', 'The container sees the processes of the OS.')],
  privileged: [optOut('true', 'Root of the container is root of the OS, with every capability, device and system call.', (one) => one === true)],
  security_opt: [
    optOut('seccomp:unconfined', 'The program may use every system call.', option('seccomp:unconfined')),
    optOut('systempaths:unconfined', 'The container sees, and may change, all that /proc and /sys have.', option('systempaths:unconfined')),
  ],
  userns_mode: [optOut('host', 'Root of the container is root of the OS.')],
  uts: [optOut('host', 'The container has the host name of the OS.')],
  volumes: [optOut('a path of the OS', 'The container sees files of the OS.', isOfOs)],
} satisfies OptOuts;

/** A mount of such a path: /etc/localtime and /etc/timezone are no secrets. */
export function isOfOs(mount: unknown): boolean {
  const { type, source = '' } = typeof mount === 'string' ? { type: 'bind', source: mount.split(':')[0] } : (mount as { type?: string; source?: string });
  return (
    type === 'bind' && /^\/((proc|sys|dev|run|etc|var\/run|boot|lib|lib64|usr|bin|sbin)(\/|$)|$)/.test(source) && !/^\/etc\/(localtime|timezone)$/.test(source)
  );
}

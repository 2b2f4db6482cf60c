import { capabilityOf } from '@container-os/compose-file';
import type { Project, Service } from './model.ts';

/** What the container may do beyond, or short of, what others may. */
export function privilegesOf(service: Service, { profileOf }: Pick<Project, 'profileOf'>): object {
  const { privileged, cap_add, cap_drop, security_opt, userns_mode, devices, device_cgroup_rules, pid, ipc, uts, cgroup } = service;
  return {
    cap_add: cap_add?.map(named),
    cap_drop: cap_drop?.map(named),
    security_opt: security_opt && optionsOf(security_opt, profileOf),
    privileged: privileged || undefined,
    devices,
    device_cgroup_rules,
    pid: pid || undefined,
    ipc: ipc || undefined,
    uts: uts || undefined,
    cgroup: cgroup || undefined,
    userns_mode: userns_mode || undefined,
  };
}

/** What Linux has not, the table refuses. */
function named(capability: string): string {
  return capabilityOf(capability) ?? capability;
}

/** Those that the OS knows, with a colon; a seccomp profile in place of its file's name. */
function optionsOf(options: readonly string[], profileOf: Project['profileOf']): string[] {
  const known = options.map((one) => one.replace(/^([a-z-]+)=/, '$1:')).filter((one) => !/^(apparmor|label):/.test(one));
  return known.map((one) => {
    const file = /^seccomp:(?!unconfined$)(.+)$/.exec(one)?.[1];
    return file === undefined ? one : `seccomp:${profileOf(file)}`;
  });
}

/** Docker's profile format (moby profiles/seccomp): OCI's format with conditions on each rule. */
export interface DockerProfile {
  defaultAction: string;
  defaultErrnoRet?: number;
  syscalls: {
    names: string[];
    action: string;
    errnoRet?: number;
    args?: object[] | null;
    includes?: Condition;
    excludes?: Condition;
  }[];
}

interface Condition {
  /** With CAP_. A rule is included for all of them, and excluded for any of them. */
  caps?: string[];
  /** Any of them, by Go's names: `amd64`. */
  arches?: string[];
  /** The oldest kernel (`4.8`); every kernel here is newer. */
  minKernel?: string;
}

/** `linux.seccomp` of the OCI runtime specification. */
export interface OciSeccomp {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures: string[];
  syscalls: { names: string[]; action: string; errnoRet?: number; args?: object[] }[];
}

/**
 * Docker's profile resolved for a container with `capabilities` on x86-64. System calls of the CPU's other
 * architectures, x86 and x32, are refused: the images have no such programs.
 */
export function resolveSeccomp(profile: DockerProfile, capabilities: readonly string[]): OciSeccomp {
  const applies = ({ includes = {}, excludes = {} }: DockerProfile['syscalls'][number]): boolean =>
    (includes.caps ?? []).every((one) => capabilities.includes(one)) &&
    (!includes.arches?.length || includes.arches.includes('amd64')) &&
    !excludes.caps?.some((one) => capabilities.includes(one)) &&
    !excludes.arches?.includes('amd64');
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: (profile.syscalls ?? []).filter(applies).map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args?.length ? { args } : {}),
    })),
  };
}

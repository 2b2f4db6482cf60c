/** Docker's profile format (moby profiles/seccomp): OCI's with conditions on each rule. */
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
  /** With CAP_: all of them to include, one of them to exclude. */
  caps?: string[];
  /** One of them, as Go names them: `amd64`. */
  arches?: string[];
  /** The oldest kernel, `4.8`: older than any of ours. */
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
 * Docker's profile as it applies to a container with `capabilities` on x86-64 and a kernel of ours. Programs
 * for other architectures of the same CPU, x86 and x32, are refused: the images have none.
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
    syscalls: profile.syscalls.filter(applies).map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args?.length ? { args } : {}),
    })),
  };
}

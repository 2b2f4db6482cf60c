import type { TestWorkspace } from '@container-os/core/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerProfile } from '../src/seccomp.ts';

/** A profile of each kind of rule that Docker's has. */
export const PROFILE: DockerProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  syscalls: [
    { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
    { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] },
    { names: ['arm_sync_file_range'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['arm', 'arm64'] } },
    { names: ['arch_prctl'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['amd64', 'x32'] } },
    { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, args: null, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['s390x'] }, excludes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
};

/** Gives the workspace the artifact `seccomp-profile`. */
export async function installProfile({ artifact }: Pick<TestWorkspace, 'artifact'>): Promise<void> {
  await mkdir(artifact('seccomp-profile'), { recursive: true });
  await writeFile(join(artifact('seccomp-profile'), 'profile.json'), JSON.stringify(PROFILE));
}

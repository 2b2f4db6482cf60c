import { BuildError, requireArtifact } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerProfile } from './seccomp.ts';

/** The file of the artifact `seccomp-profile`. */
export const PROFILE = 'profile.json';

/** Docker's default seccomp profile, of the artifact in `directory`. @throws BuildError SECCOMP_PROFILE_INVALID, ARTIFACT_MISSING. */
export async function readProfile(directory: string): Promise<DockerProfile> {
  const file = await requireArtifact(join(directory, PROFILE));
  try {
    const profile = JSON.parse(await readFile(file, 'utf8')) as Partial<DockerProfile>;
    // A profile that allows by default would not protect.
    if (profile.defaultAction === 'SCMP_ACT_ERRNO' && Array.isArray(profile.syscalls)) return profile as DockerProfile;
    throw new Error(`defaultAction is ${JSON.stringify(profile.defaultAction)}, expected "SCMP_ACT_ERRNO"`);
  } catch (cause) {
    throw new BuildError('SECCOMP_PROFILE_INVALID', `${file}: ${(cause as Error).message}`, { cause, hint: 'Check the pin of source "seccomp-profile".' });
  }
}

import { BuildError, type BuildContext } from '@container-os/core';
import { obtainOne, unpackDebs, type Receipt } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerProfile } from './seccomp.ts';

/** Path of the profile in Debian's package of Docker's source. */
const IN_PACKAGE = 'usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json';

/** Docker's default seccomp profile, from either channel. @throws BuildError SECCOMP_PROFILE_INVALID. */
export async function readProfile(receipt: Receipt, context: BuildContext): Promise<DockerProfile> {
  const file = receipt.channel === 'debian' ? join(await unpackDebs(receipt, context), IN_PACKAGE) : await obtainOne(receipt, context);
  try {
    const profile = JSON.parse(await readFile(file, 'utf8')) as Partial<DockerProfile>;
    // A profile that allows by default would not protect.
    if (profile.defaultAction === 'SCMP_ACT_ERRNO' && Array.isArray(profile.syscalls)) return profile as DockerProfile;
    throw new Error(`defaultAction is ${JSON.stringify(profile.defaultAction)}, expected "SCMP_ACT_ERRNO"`);
  } catch (cause) {
    throw new BuildError('SECCOMP_PROFILE_INVALID', `${file}: ${(cause as Error).message}`, { cause, hint: 'Check the pin of source "seccomp-profile".' });
  }
}

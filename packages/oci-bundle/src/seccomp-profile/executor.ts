import { defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { manifestSources, obtainOne, readReceipt, unpackDebs } from '@container-os/sources';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROFILE, readProfile } from '../seccomp-profile.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { SeccompProfileOptions } from './schema.d.ts';

/** Path of the profile in Debian's package of Docker's source. */
const IN_PACKAGE = 'usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json';

/** Takes Docker's default seccomp profile from its source, of either channel. */
export default defineExecutor<SeccompProfileOptions, Record<string, never>>({ recipe, plan: () => ({}), run: takeProfile });

async function takeProfile(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readReceipt(context.artifact('sources'), 'seccomp-profile');
  const file = receipt.channel === 'debian' ? join(await unpackDebs(receipt, context), IN_PACKAGE) : await obtainOne(receipt, context);
  await copyFile(file, join(context.out, PROFILE));
  await readProfile(context.out);
  return { name: 'seccomp-profile', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

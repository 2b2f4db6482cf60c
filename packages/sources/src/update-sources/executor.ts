import { defineCommand, type TargetContext } from '@container-os/core';
import { join } from 'node:path';
import { packageResolver, type PackageResolver } from '../apt.ts';
import { describeChange } from '../changes.ts';
import { fetchFile } from '../fetch.ts';
import { requireApt } from '../host-tools.ts';
import { readLock, writeLock, type Lock, type Pin } from '../lock.ts';
import { obtain } from '../obtain.ts';
import type { UpdateSourcesOptions } from './schema.d.ts';

/** Pins what the suites have now. Upstream has no index to look in: there, it fetches every pin again to see that it still stands. */
export default defineCommand<UpdateSourcesOptions>(async ({ channel }, context) => {
  requireApt(channel, 'update-sources');
  const file = join(context.imageRoot, `sources/${channel}.lock.json`);
  const lock = await readLock(file, channel);
  const lookUp = packageResolver();
  const renewed: Lock = { channel, sources: {} };
  for (const [name, pin] of Object.entries(lock.sources)) {
    renewed.sources[name] = await context.log.step(
      pin.debian ? `look up ${pin.debian.package} in ${pin.debian.suite}` : `check ${name} ${pin.version}`,
      (log) => renew(pin, lookUp, { ...context, log }),
    );
  }
  const changes = Object.entries(lock.sources).flatMap(([name, pin]) => describeChange(name, pin, renewed.sources[name] ?? pin));
  if (changes.length > 0) await writeLock(file, renewed);
  for (const line of changes.length > 0 ? [...changes, `written to ${file}`] : ['up to date']) context.log.info(line);
});

async function renew(pin: Pin, lookUp: PackageResolver, context: TargetContext): Promise<Pin> {
  if (!pin.debian) {
    for (const file of pin.files) await fetchFile(file, context, { fresh: true });
    return pin;
  }
  const current = await lookUp(pin.debian, context);
  await obtain(current, context);
  return { ...pin, ...current };
}

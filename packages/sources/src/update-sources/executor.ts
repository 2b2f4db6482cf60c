import { defineCommand, readHostTools, requireHostTools } from '@container-os/core';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolvePackage } from '../apt.ts';
import { readLock, type Lock } from '../lock.ts';
import { obtain } from '../obtain.ts';
import { describeChanges } from './changes.ts';
import type { UpdateSourcesOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../../host-tools.json');

/** Pins what the suites have now (debian) or verifies each pin by fetching it (upstream has no index). */
export default defineCommand<UpdateSourcesOptions>(async ({ channel = 'debian' }, context) => {
  const { log } = context;
  await requireHostTools(hostTools, 'update-sources');
  const file = join(context.imageRoot, `sources/${channel}.lock.json`);
  const lock = await readLock(file, channel);
  const renewed: Lock = { channel, sources: {} };
  for (const [name, pin] of Object.entries(lock.sources)) {
    const now = pin.debian ? await log.step(`look up ${pin.debian.package} in ${pin.debian.suite}`, () => resolvePackage(pin.debian!, context.logFile)) : {};
    renewed.sources[name] = { ...pin, ...now };
    await obtain(renewed.sources[name], context);
  }
  const changes = describeChanges(lock, renewed);
  for (const line of changes.length > 0 ? changes : ['up to date']) log.info(line);
  if (changes.length === 0) return;
  await writeFile(`${file}.partial`, `${JSON.stringify(renewed, null, 2)}\n`);
  await rename(`${file}.partial`, file);
});

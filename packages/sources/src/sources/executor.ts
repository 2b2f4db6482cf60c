import { BuildError, defineExecutor, locateProgram, type BuildContext, type ManifestInput } from '@container-os/core';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageResolver, type PackageResolver } from '../apt.ts';
import { describeChange } from '../changes.ts';
import { isOffline } from '../environment.ts';
import { requireStored } from '../fetch.ts';
import { requireApt } from '../host-tools.ts';
import { readLock, type Pin } from '../lock.ts';
import { obtain } from '../obtain.ts';
import { manifestSources, type Channel, type Receipt } from '../receipt.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { SourcesOptions } from './schema.d.ts';

interface SourcesPlan {
  channel: Channel;
  lock: string;
  frozen: boolean;
}

/** Fetches what the channel's lock file pins; the receipts are what other targets hash. */
export default defineExecutor<SourcesOptions, SourcesPlan>({
  recipe,
  plan: ({ channel, frozen }) => ({ channel, lock: `sources/${channel}.lock.json`, frozen }),
  run: fetchSources,
});

async function fetchSources({ channel, lock: path, frozen }: SourcesPlan, context: BuildContext): Promise<ManifestInput> {
  const { sources } = await readLock(context.file(path), channel);
  if (isOffline()) await requireStored(Object.values(sources).flatMap(({ files }) => files));
  const lookUp = packageResolver();
  const receipts: Receipt[] = [];
  for (const [name, pin] of Object.entries(sources)) {
    const receipt = await context.log.step(`${name} ${pin.version}`, async (log) => {
      const current = await fetchPin(name, pin, frozen, lookUp, { ...context, log });
      return { name, channel, version: pin.version, licence: pin.licence, files: pin.files, ...current };
    });
    await writeFile(join(context.out, `${name}.json`), `${JSON.stringify(receipt, null, 2)}\n`);
    receipts.push(receipt);
  }
  context.log.info(receipts.map(({ name, version }) => `${name} ${version}`).join(', '));
  return { name: 'sources', version: channel, licence: 'NOASSERTION', sources: receipts.flatMap(manifestSources) };
}

/** Fetches a pin; where Debian's archive has moved on, what its suite has now takes the pin's place. */
async function fetchPin(name: string, pin: Pin, frozen: boolean, lookUp: PackageResolver, context: BuildContext): Promise<Partial<Receipt>> {
  try {
    await obtain(pin, context);
    return {};
  } catch (error) {
    if (!(error instanceof BuildError) || error.code !== 'SOURCE_GONE' || !pin.debian) throw error;
    const update = `nx run ${context.image}:update-sources`;
    const isIndexed = locateProgram('apt-get') !== undefined;
    if (frozen || !isIndexed) {
      throw new BuildError('PIN_GONE', `the pinned ${name} ${pin.version} is gone: ${error.message}`, {
        cause: error,
        hint: isIndexed
          ? `Pin the current version: ${update}`
          : `Name a mirror in CONTAINER_OS_DEBIAN_MIRROR that still has it (Debian's snapshot archive does), or with apt, pin the current one: ${update}`,
      });
    }
    requireApt('debian', 'sources');
    const current = await lookUp(pin.debian, context);
    await obtain(current, context);
    context.log.warn(`the archive no longer has the pinned ${name}; using the current version of ${pin.debian.suite}, verified by apt:`);
    for (const line of describeChange(name, pin, current)) context.log.info(line);
    return { ...current, pinned: { version: pin.version, files: pin.files } };
  }
}

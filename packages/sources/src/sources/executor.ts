import { BuildError, defineExecutor, readHostTools, requireHostTools, type BuildContext, type ManifestInput } from '@container-os/core';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolvePackage } from '../apt.ts';
import { readLock, type Pin } from '../lock.ts';
import { obtain } from '../obtain.ts';
import { manifestSources, type Receipt } from '../receipt.ts';
import type { SourcesOptions } from './schema.d.ts';

const hostTools = readHostTools(import.meta.url, '../../host-tools.json');

type SourcesPlan = Required<SourcesOptions>;

/** Fetches what the channel's lock file pins; the receipts are what other targets hash. */
export default defineExecutor<SourcesOptions, SourcesPlan>({
  plan: ({ channel = 'debian', frozen = false }) => ({ channel, frozen }),
  run: fetchSources,
});

async function fetchSources({ channel, frozen }: SourcesPlan, context: BuildContext): Promise<ManifestInput> {
  await requireHostTools(hostTools, 'sources');
  const lock = await readLock(context.file(`sources/${channel}.lock.json`), channel);
  const receipts: Receipt[] = [];
  for (const [name, pin] of Object.entries(lock.sources)) {
    const receipt = await context.log.step(`${name} ${pin.version}`, (log) => fetchPin(name, pin, { ...context, log }, { channel, frozen }));
    await writeFile(join(context.out, `${name}.json`), `${JSON.stringify(receipt, null, 2)}\n`);
    receipts.push(receipt);
  }
  return { name: 'sources', version: channel, licence: 'NOASSERTION', sources: receipts.flatMap(manifestSources) };
}

/** The pinned files; where Debian's archive has moved on, its current version of the same package. */
async function fetchPin(name: string, pin: Pin, context: BuildContext, { channel, frozen }: SourcesPlan): Promise<Receipt> {
  const { debian, ...pinned } = pin;
  try {
    await obtain(pinned, context);
    return { name, channel, ...pinned };
  } catch (error) {
    if (!(error instanceof BuildError) || error.code !== 'SOURCE_GONE' || !debian) throw error;
    if (frozen) throw new BuildError('PIN_GONE', `${name}: the archive no longer has ${debian.package} ${pin.version}`, { cause: error, hint: `Pin its current version: nx run ${context.image}:update-sources` });
    const current = await resolvePackage(debian, context.logFile);
    context.log.warn(`pinned ${debian.package} ${pin.version} is gone from the archive; using ${current.version} of ${debian.suite}, verified by apt`);
    const receipt = { ...pinned, ...current };
    await obtain(receipt, context);
    return { name, channel, ...receipt };
  }
}

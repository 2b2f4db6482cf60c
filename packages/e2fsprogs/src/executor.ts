import { BuildError, defineExecutor, type BuildContext, type ManifestInput } from '@container-os/core';
import { writeLayer } from '@container-os/cpio/fs';
import { manifestSources, programEntries, readOptionalReceipt, runProgram, unpackDebs } from '@container-os/sources';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import recipe from './recipe.json' with { type: 'json' };
import type { E2FsprogsOptions } from './schema.d.ts';

/** The programs with which the OS formats and checks its data disk; BusyBox has only ext2. */
const PROGRAMS = ['usr/sbin/mkfs.ext4', 'usr/sbin/e2fsck'];

/** Makes a layer with `usr/sbin/mkfs.ext4` and `usr/sbin/e2fsck`, after running both. The layer is empty in a channel without e2fsprogs. */
export default defineExecutor<E2FsprogsOptions, Record<string, never>>({ recipe, plan: () => ({}), run: buildE2fsprogs });

async function buildE2fsprogs(_plan: Record<string, never>, context: BuildContext): Promise<ManifestInput> {
  const receipt = await readOptionalReceipt(context, 'e2fsprogs', 'the image can neither create nor check a data disk');
  const layer = join(context.out, 'layer.cpio');
  if (!receipt) {
    await writeLayer(layer, []);
    return { name: 'e2fsprogs', version: packageJson.version, licence: packageJson.license };
  }
  const entries = await programEntries(await unpackDebs(receipt, context), Object.fromEntries(PROGRAMS.map((path) => [path, path])));
  await tryOut(entries, context);
  await writeLayer(layer, entries);
  return { name: 'e2fsprogs', version: receipt.version, licence: receipt.licence, sources: manifestSources(receipt) };
}

/** Makes a file system in a file and checks it, to see that both programs work. */
async function tryOut(entries: Awaited<ReturnType<typeof programEntries>>, context: BuildContext): Promise<void> {
  const disk = join(context.scratch, 'disk');
  await writeFile(disk, '');
  await truncate(disk, 8 << 20);
  // -t: mkfs.ext4 chooses ext4 by its name, but runs under the loader's name here. The image has no mke2fs.conf either.
  await runProgram(entries, 'usr/sbin/mkfs.ext4', ['-q', '-t', 'ext4', '-L', 'test', disk], context, { env: { MKE2FS_CONFIG: '/nonexistent' } });
  const { stdout } = await runProgram(entries, 'usr/sbin/e2fsck', ['-f', '-n', disk], context);
  if (!/^test: \d+\/\d+ files/m.test(stdout))
    throw new BuildError('E2FSPROGS_UNUSABLE', `e2fsck printed ${JSON.stringify(stdout.trim())} for a new file system`, {
      hint: 'Check the pin of source "e2fsprogs".',
    });
  context.log.info('mkfs.ext4 and e2fsck run');
}

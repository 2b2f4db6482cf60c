// What tests of plugins share, as @container-os/sources/testing: sources that are there already.
import type { TestWorkspace } from '@container-os/core/testing';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Channel, Receipt } from '../src/receipt.ts';

export { failure } from './fixtures/context.ts';

export interface TestSource {
  version: string;
  /** By file name. */
  files: Record<string, Uint8Array>;
  channel?: Channel;
}

/** Gives the target `sources` of the workspace a receipt of `name`, and the user's store its files. */
export async function installSource(workspace: TestWorkspace, name: string, { version, files, channel = 'upstream' }: TestSource): Promise<void> {
  const receipt: Receipt = { name, version, licence: 'MIT', channel, files: [] };
  const store = join(workspace.cache, 'store/sha256');
  await mkdir(store, { recursive: true });
  for (const [file, data] of Object.entries(files)) {
    const sha256 = createHash('sha256').update(data).digest('hex');
    await writeFile(join(store, sha256), data);
    receipt.files.push({ name: file, sha256, origin: `https://example.invalid/${file}` });
  }
  await mkdir(workspace.artifact('sources'), { recursive: true });
  await writeFile(join(workspace.artifact('sources'), `${name}.json`), JSON.stringify(receipt));
}

/** A directory with its name as a tar.xz, with the same bytes at every call. */
export function packTree(directory: string): Buffer {
  const options = ['--create', '--xz', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  return execFileSync('tar', [...options, `--directory=${dirname(directory)}`, basename(directory)]);
}

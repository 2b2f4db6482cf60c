import { BuildError, ifThere, parseJson, requireArtifact, type BuildContext, type ManifestSource } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where sources come from; never mixed, never switched silently. Those that are not `debian` take upstream's releases. */
export type Channel = 'debian' | 'upstream' | 'seed' | 'seed-6.6.0';

/** One file of a source, as pinned and verified. */
export interface SourceFile {
  name: string;
  /** Lower-case hex. */
  sha256: string;
  /** Bytes, where known. */
  size?: number;
  /** `debian:pool/…`, `debian-security:pool/…`, or a URL. Holds no mirror: that is read from the host's apt. */
  origin: string;
}

/** One source: what it is and which files it has. Its JSON is the receipt that plugins hash. */
export interface Receipt {
  name: string;
  version: string;
  /** SPDX expression of the source itself; a library taken along has its own. */
  licence: string;
  channel: Channel;
  files: SourceFile[];
  /** What was pinned, where the archive no longer had it and `version` and `files` took its place. */
  pinned?: { version: string; files: SourceFile[] };
}

/**
 * The receipt of source `name` in the artifact of target `sources`.
 *
 * @throws BuildError SOURCE_UNKNOWN, ARTIFACT_MISSING, ARTIFACT_DAMAGED.
 *
 * @example
 * const receipt = await readReceipt(context.artifact('sources'), 'runc');
 */
export async function readReceipt(directory: string, name: string): Promise<Receipt> {
  const receipt = await findReceipt(directory, name);
  if (receipt) return receipt;
  throw new BuildError('SOURCE_UNKNOWN', `no receipt of source "${name}" in ${directory}`, {
    hint: `Add "${name}" to the base's lock file under sources/, and run the target with nx.`,
  });
}

/** The same, or undefined and a warning of the `consequence`: not every channel has every source. */
export async function readOptionalReceipt(context: BuildContext, name: string, consequence: string): Promise<Receipt | undefined> {
  const receipt = await findReceipt(context.artifact('sources'), name);
  if (!receipt) context.log.warn(`the lock file of this channel has no source "${name}": ${consequence}`);
  return receipt;
}

async function findReceipt(directory: string, name: string): Promise<Receipt | undefined> {
  const file = join(directory, `${name}.json`);
  const text = await ifThere(readFile(file, 'utf8'));
  if (text === undefined) await requireArtifact(directory);
  return text === undefined ? undefined : (parseJson(file, text, 'ARTIFACT_DAMAGED', `Remove ${directory} and run its target again.`) as Receipt);
}

/** The receipt's files as a manifest lists them; a Debian package under its own name and version. */
export function manifestSources({ files, ...source }: Receipt): ManifestSource[] {
  return files.map(({ name: file, origin, sha256 }) => {
    const [, name = source.name, version = source.version] = /^([^_]+)_([^_]+)_[^_]+\.deb$/.exec(file) ?? [];
    return { name, version, origin, sha256 };
  });
}

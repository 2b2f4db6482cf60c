import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BuildError } from './errors.ts';
import { exists, parseJson } from './files.ts';

/** One source of an artifact, as it was verified. */
export interface ManifestSource {
  name: string;
  version: string;
  /** Where it came from, without host: `debian:pool/main/r/runc/runc_1.3.6_amd64.deb` or an upstream URL. */
  origin: string;
  sha256: string;
}

/** One file of an artifact; `file` is relative to the manifest. */
export interface ManifestOutput {
  file: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

/** What stands in `manifest.json` beside every artifact. It holds no date, path or host name: equal inputs give equal bytes. */
export interface Manifest {
  name: string;
  version: string;
  /** SPDX expression. */
  licence: string;
  sources: ManifestSource[];
  /** The first line that each host tool which decides bytes prints as its version. Empty without Nx. */
  toolchain: Record<string, string>;
  outputs: ManifestOutput[];
  /** Plugin-specific facts, such as kernel symbols or the size of each layer. */
  details?: Record<string, unknown>;
}

/** What an executor says of its artifact; the outputs are measured, and the tools are those of its recipe. */
export type ManifestInput = Omit<Manifest, 'outputs' | 'sources' | 'toolchain'> & Partial<Pick<Manifest, 'sources'>>;

/** Measures every file of `directory` and writes `manifest.json` there, keys in a fixed order. */
export async function writeManifest(directory: string, input: ManifestInput, toolchain: Record<string, string> = {}): Promise<Manifest> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const outputs: ManifestOutput[] = [];
  for (const path of files.sort()) {
    outputs.push({ file: relative(directory, path), size: (await stat(path)).size, sha256: await sha256File(path) });
  }
  const { name, version, licence, sources = [], details } = input;
  const manifest: Manifest = { name, version, licence, sources, toolchain, outputs, ...(details ? { details } : {}) };
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/**
 * The manifest in `directory`.
 *
 * @throws BuildError ARTIFACT_MISSING when that artifact was not built, ARTIFACT_DAMAGED
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = await requireArtifact(join(directory, 'manifest.json'));
  return parseJson(path, await readFile(path, 'utf8'), 'ARTIFACT_DAMAGED', `Remove ${directory} and run its target again.`) as Manifest;
}

/**
 * The path of a file of another target's artifact.
 *
 * @throws BuildError ARTIFACT_MISSING
 */
export async function requireArtifact(path: string): Promise<string> {
  if (await exists(path)) return path;
  throw new BuildError('ARTIFACT_MISSING', `${path}: no such file`, {
    hint: 'Run the target with nx, and without --exclude-task-dependencies: it builds what the target depends on first.',
  });
}

/** Lower-case hex sha256 of a file's content, read as a stream. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

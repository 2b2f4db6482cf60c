import { BuildError } from '@container-os/core/errors';

/** One file of an artifact. It lies in a package, at a mirror or in the store under its sha256. */
export interface LockedFile {
  /** Its path in the artifact: `bzImage`. */
  name: string;
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

/** How an artifact was made: its manifest, without the files. */
export interface LockedManifest {
  name: string;
  version: string;
  /** SPDX expression. */
  licence: string;
  sources: { name: string; version: string; origin: string; sha256: string }[];
  /** Versions of the host tools that decide its bytes. */
  toolchain: Record<string, string>;
  details?: Record<string, unknown>;
}

/** An artifact as a lock file names it: with equal entries the bytes are equal. */
export interface LockedArtifact {
  /** sha256 of what it was made of: executor, options, files, artifacts and receipts that it read. */
  recipe: string;
  manifest: LockedManifest;
  files: LockedFile[];
}

/** `prebuilt.lock.json`. */
export interface PrebuiltLock {
  /** The base and the architecture: `vm-amd64`. */
  platform: string;
  /** Of the packages that made it. */
  version: string;
  /** Higher than that of each lock that its publisher signed before: 1 or more. One that comes from a URL has it. */
  serial?: number;
  /** The URL of a directory that has each file under its sha256, where there is one. */
  origin?: string;
  artifacts: Record<string, LockedArtifact>;
}

/** The name of the lock file in its package. */
export const LOCK_FILE = 'prebuilt.lock.json';

/** The directory of a package whose files are named by their sha256. */
export const FILES = 'files';

/** The npm package with the artifacts of a platform. */
export function packageOf(platform: string): string {
  return `@container-os/prebuilt-${platform}`;
}

/**
 * The lock that `text`, of the file `place`, holds.
 *
 * @throws BuildError LOCK_INVALID, naming the artifact and what is wrong
 */
export function parseLock(place: string, text: string, platform: string, hint = HINT): PrebuiltLock {
  const lock = parse(place, text, hint);
  const fault = faultOf(lock, platform);
  if (fault !== undefined) throw new BuildError('LOCK_INVALID', `${place}: ${fault}`, { hint });
  return lock as PrebuiltLock;
}

const HINT = 'Restore the lock file from version control, or install its package again: npm ci';

function parse(place: string, text: string, hint: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BuildError('LOCK_INVALID', `${place}: not JSON: ${(cause as Error).message}`, { cause, hint });
  }
}

function faultOf(lock: unknown, expected: string): string | undefined {
  if (typeof lock !== 'object' || lock === null) return 'expected an object';
  const { platform, version, serial, origin, artifacts } = lock as Partial<Record<keyof PrebuiltLock, unknown>>;
  if (platform !== expected) return `platform is ${JSON.stringify(platform)}, expected "${expected}"`;
  if (typeof version !== 'string') return 'has no version';
  if (serial !== undefined && !isSerial(serial)) return `serial is ${JSON.stringify(serial)}, expected a whole number above 0`;
  if (origin !== undefined && !/^https?:\/\/./.test(String(origin))) return `origin is ${JSON.stringify(origin)}, expected a URL`;
  if (typeof artifacts !== 'object' || artifacts === null) return 'has no artifacts';
  for (const [name, artifact] of Object.entries(artifacts as Record<string, Partial<LockedArtifact> | null>)) {
    if (!SHA256.test(String(artifact?.recipe))) return `artifact "${name}" has recipe ${JSON.stringify(artifact?.recipe)}, expected 64 lower-case hex digits`;
    if (typeof artifact?.manifest?.toolchain !== 'object') return `artifact "${name}" has no manifest with a toolchain`;
    if (!Array.isArray(artifact.files) || artifact.files.length === 0) return `artifact "${name}" has no files`;
    for (const file of artifact.files) {
      if (!isInside(String(file.name))) return `artifact "${name}" has a file ${JSON.stringify(file.name)}, expected a path inside of the artifact`;
      if (!Number.isSafeInteger(file.size) || file.size < 0) return `${file.name} of artifact "${name}" has size ${JSON.stringify(file.size)}, expected bytes`;
      if (!SHA256.test(String(file.sha256)))
        return `${file.name} of artifact "${name}" has sha256 ${JSON.stringify(file.sha256)}, expected 64 lower-case hex digits`;
    }
  }
  return undefined;
}

function isSerial(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** A path that no file name leads out of, or to one of the files that core writes beside the artifact's own. */
function isInside(name: string): boolean {
  return /^(?!.*(^|\/)\.{0,2}(\/|$))[^\\]+$/.test(name) && !['manifest.json', 'inputs.json', 'task-hash'].includes(name);
}

import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, openSync, closeSync, readFileSync, readSync, renameSync, statSync, writeFileSync, type BigIntStats } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** What is remembered of a file: which file it was when it was read, when that was, and what was found. */
interface Memory {
  /** Device, inode, size, and the times of its content and of its inode, to the nanosecond. */
  identity: string;
  sha256: string;
}

/** What is remembered of a text that was derived from files, such as the libraries of a program. */
interface Derived {
  /** By path: the identity of each file that it was derived from. */
  files: Record<string, string>;
  value: unknown;
}

/** Raise it when the meaning of anything remembered changes. */
const VERSION = 1;

/**
 * Nanoseconds. A file system's clock ticks: two writes within a tick leave the same times. A file that changed its inode less
 * than this before it was read is read again the next time. FAT ticks every 2 s, Linux's own file systems every 10 ms at most.
 */
const GRAIN = 2_000_000_000n;

/**
 * sha256 of files, read once per machine for as long as device, inode, size, mtime and ctime stay as they were. Nobody can set a
 * ctime back, so that a program that restores an old mtime is seen.
 *
 * It lies in Nx's workspace data: `nx reset` removes it, and no cache shares it. Its name has the machine's, since inodes say nothing
 * elsewhere.
 */
export class DigestMemory {
  readonly #file: string;
  #files: Record<string, Memory>;
  #derived: Record<string, Derived>;
  #changed = false;
  /** What this process asked for; the others are looked up before they are written again. */
  readonly #used = new Set<string>();

  readonly #recent = new Map<string, { at: number; value: unknown }>();

  static readonly #ofWorkspace = new Map<string, DigestMemory>();

  /** The one of this process, which is written when the process ends. */
  static of(workspaceRoot: string): DigestMemory {
    const known = this.#ofWorkspace.get(workspaceRoot);
    if (known) return known;
    const memory = new DigestMemory(workspaceRoot);
    this.#ofWorkspace.set(workspaceRoot, memory);
    process.once('exit', () => memory.save());
    return memory;
  }

  constructor(workspaceRoot: string) {
    const directory = process.env['NX_WORKSPACE_DATA_DIRECTORY'] ?? join(workspaceRoot, '.nx/workspace-data');
    this.#file = join(directory, `container-os-digests-${machine()}.json`);
    const { version, files, derived } = read(this.#file) ?? {};
    this.#files = version === VERSION && files ? files : {};
    this.#derived = version === VERSION && derived ? derived : {};
  }

  /**
   * Hex sha256 of a file's content.
   *
   * @throws Error those of node:fs.
   *
   * @param stat its stat, where the caller has one that is as new
   */
  sha256(file: string, stat: BigIntStats = statSync(file, { bigint: true })): string {
    const identity = identityOf(stat);
    this.#used.add(file);
    const known = this.#files[file];
    if (known?.identity === identity) return known.sha256;
    // Artifacts that Nx has just copied from its cache are of this kind in every run.
    if (!isOld(stat, now())) return this.recently(`${identity} ${file}`, () => digestFile(file));
    const sha256 = digestFile(file);
    if (identityOf(statSync(file, { bigint: true })) === identity) {
      this.#files[file] = { identity, sha256 };
      this.#changed = true;
    }
    return sha256;
  }

  /**
   * The remembered result of `derive`, as long as every file that it named is the one it was. `derive` returns its value (JSON) and the
   * files that decided it; a file that is not there counts as well.
   */
  derived<Value>(key: string, derive: () => { value: Value; files: readonly string[] }): Value {
    const known = this.#derived[key];
    if (known && Object.entries(known.files).every(([file, identity]) => identify(file) === identity)) return known.value as Value;
    const start = now();
    const { value, files } = derive();
    const identities: [string, string][] = [];
    let old = true;
    for (const file of files) {
      const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
      old &&= stat === undefined || isOld(stat, start);
      identities.push([file, stat ? identityOf(stat) : 'missing']);
    }
    if (old) this.#derived[key] = { files: Object.fromEntries(identities), value };
    else delete this.#derived[key];
    this.#changed = true;
    return value;
  }

  /**
   * The result of `ask`, asked once a second: the targets of one run have modules, tools and packages in common. A target that is built
   * asks again, in a process of its own, before and after ({@link askAgain}).
   */
  recently<Value>(key: string, ask: () => Value): Value {
    const now = performance.now();
    const known = this.#recent.get(key);
    if (known && now - known.at < 1000) return known.value as Value;
    const value = ask();
    this.#recent.set(key, { at: now, value });
    return value;
  }

  /** Forgets what {@link recently} knows: the next question is asked again. */
  askAgain(): void {
    this.#recent.clear();
  }

  /** One sha256 of many files, by path and content; symlinks among them are followed, and what is not there does not count. */
  combine(files: readonly string[]): string {
    const hash = createHash('sha256');
    for (const file of files) {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
      if (stat) hash.update(`${file}\0${this.sha256(file, stat)}\n`);
    }
    return hash.digest('hex');
  }

  /** Writes what is new, in one rename. A memory that cannot be written is only slower. */
  save(): void {
    if (!this.#changed) return;
    this.#changed = false;
    for (const file of Object.keys(this.#files)) if (!this.#used.has(file) && !existsSync(file)) delete this.#files[file];
    const partial = `${this.#file}.partial-${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(partial, JSON.stringify({ version: VERSION, files: this.#files, derived: this.#derived }));
      renameSync(partial, this.#file);
    } catch {
      // A full or read-only disk: the next command reads the files again.
    }
  }
}

function identify(file: string): string {
  const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stat ? identityOf(stat) : 'missing';
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

function isOld({ ctimeNs }: BigIntStats, reading: bigint): boolean {
  return ctimeNs + GRAIN < reading;
}

/** Of the wall clock, as the times of files are. */
function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

function digestFile(file: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 18);
  const descriptor = openSync(file, 'r');
  try {
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) hash.update(buffer.subarray(0, count));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}

function read(file: string): { version?: number; files?: Record<string, Memory>; derived?: Record<string, Derived> } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { version?: number };
  } catch {
    return undefined;
  }
}

/** Distinguishes machines that share a home directory; a new installation reads all files once. */
function machine(): string {
  let id = hostname();
  try {
    id += readFileSync('/etc/machine-id', 'utf8');
  } catch {
    // A container without one.
  }
  return createHash('sha256').update(id).digest('hex').slice(0, 12);
}

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where edits are made: a copy of the workspace, and what its commands find on the host. Everything is undone by {@link Box.restore}. */
export class Box {
  /** Paths relative to the workspace, or absolute, of what was changed, added or removed. */
  readonly changed = new Set<string>();
  /** Environment variables of Nx and of the build. */
  env: Record<string, string> = {};
  umask = 0o022;
  /** Directories before and after the usual PATH. */
  readonly path = { before: [] as string[], after: [] as string[] };
  /** Bind mounts that only Nx and the build see: by path on the host, what is there instead. */
  readonly mounts = new Map<string, string>();
  readonly #undo: (() => void)[] = [];
  readonly base: string;
  #scratch = 0;

  /** `base` holds `workspace` and `cache`, and what the edits make outside of both. */
  constructor(base: string) {
    this.base = base;
  }

  get workspace(): string {
    return join(this.base, 'workspace');
  }

  at(path: string): string {
    return resolve(this.workspace, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  readBytes(path: string): Buffer {
    return readFileSync(this.at(path));
  }

  /** Adds or replaces a file. */
  write(path: string, content: string | Uint8Array, mode?: number): void {
    const before = this.#keep(path);
    // Node keeps the mode of a file that is there.
    writeFileSync(this.at(path), content, mode === undefined ? {} : { mode });
    if (mode !== undefined) chmodSync(this.at(path), mode);
    else if (before !== undefined) chmodSync(this.at(path), before);
  }

  edit(path: string, change: (text: string) => string): void {
    const before = this.read(path);
    const after = change(before);
    if (after === before) throw new Error(`${path}: the edit changed nothing`);
    this.write(path, after);
  }

  /** Other bytes with the length and the date that the file had. */
  forge(path: string, change: (text: string) => string): void {
    const { atimeMs, mtimeMs, size } = lstatSync(this.at(path));
    this.edit(path, change);
    utimesSync(this.at(path), atimeMs / 1000, mtimeMs / 1000);
    if (lstatSync(this.at(path)).size !== size) throw new Error(`${path}: the forged file is of another length`);
  }

  chmod(path: string, mode: (before: number) => number): void {
    const before = this.#keep(path) ?? 0o755;
    chmodSync(this.at(path), mode(before));
  }

  mkdir(path: string): void {
    this.#keep(path);
    mkdirSync(this.at(path));
  }

  link(path: string, target: string): void {
    this.#keep(path);
    rmSync(this.at(path), { force: true, recursive: true });
    symlinkSync(target, this.at(path));
  }

  fifo(path: string): void {
    this.#keep(path);
    execFileSync('mkfifo', [this.at(path)]);
  }

  remove(path: string): void {
    this.#keep(path);
    rmSync(this.at(path), { recursive: true });
  }

  rename(from: string, to: string): void {
    this.#keep(from);
    this.#keep(to);
    renameSync(this.at(from), this.at(to));
  }

  /** A file on the host that only Nx and the build see changed. */
  replaceOnHost(path: string, by: string): void {
    this.changed.add(path);
    this.mounts.set(path, by);
  }

  /** A fresh directory outside of the workspace. */
  directory(): string {
    const directory = join(this.base, 'made', String(this.#scratch++));
    mkdirSync(directory, { recursive: true });
    this.#undo.push(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  /** A program in a directory of its own, before or after the others of PATH. */
  program(name: string, script: string, where: 'before' | 'after' = 'before'): void {
    const directory = this.directory();
    writeFileSync(join(directory, name), script, { mode: 0o755 });
    this.path[where].push(directory);
  }

  restore(): void {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) undo();
    this.changed.clear();
    this.env = {};
    this.umask = 0o022;
    this.path.before.length = this.path.after.length = 0;
    this.mounts.clear();
  }

  /** What is there now stays. */
  commit(): void {
    this.#undo.length = 0;
    this.changed.clear();
  }

  /** Notes how to undo a change of `path`; returns its mode, undefined when nothing is there. */
  #keep(path: string): number | undefined {
    this.changed.add(path);
    const file = this.at(path);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (!stat) {
      // Also the directories that it needs.
      let top = file;
      while (!lstatSync(dirname(top), { throwIfNoEntry: false })) top = dirname(top);
      mkdirSync(dirname(file), { recursive: true });
      this.#undo.push(() => rmSync(top, { recursive: true, force: true }));
      return undefined;
    }
    const mode = stat.mode & 0o7777;
    if (stat.isFile()) {
      const content = readFileSync(file);
      this.#undo.push(() => {
        rmSync(file, { recursive: true, force: true });
        writeFileSync(file, content);
        chmodSync(file, mode);
      });
    } else if (stat.isSymbolicLink()) {
      const target = readlinkSync(file);
      this.#undo.push(() => {
        rmSync(file, { recursive: true, force: true });
        symlinkSync(target, file);
      });
    } else {
      const copy = join(this.directory(), 'copy');
      cpSync(file, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      this.#undo.push(() => {
        rmSync(file, { recursive: true, force: true });
        cpSync(copy, file, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
        chmodSync(file, mode);
      });
    }
    return mode;
  }
}

import { execFileSync } from 'node:child_process';
import { accessSync, constants, closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import catalogue from '../../tools.json' with { type: 'json' };
import { walk } from '../walk.ts';
import type { DigestMemory } from './memory.ts';

/** What the catalogue, `tools.json`, or a recipe says of a tool. The bootstrap reads both too. */
export interface Tool {
  /** The Debian package that has it; the bootstrap does not install what has none. */
  deb?: string;
  /** Stands for these tools, those with a `?` where the machine has them. */
  group?: string[];
  /** For what is no program: the file that shows that it is there. */
  present?: string;
  /** For a program that scripts call by this path: whatever else PATH has is not it. */
  path?: string;
  /** Other programs that the same package brings and commands call. */
  programs?: string[];
  /** Arguments with which the program prints the path of another file that runs, or is linked or included. */
  asks?: string[];
  /** Libraries that the program loads and, by what we ask of it, does not call: they do not count. idle-libraries.test.ts shows it. */
  idle?: string[];
  /** Debian packages whose files count, all but documentation; `*` stands for anything. */
  packages?: string[];
  /** Further files that it reads, where they are there: configuration, or of a package that has more than is read. */
  files?: string[];
  /** Configuration in the directory of a file that `asks` found, by that file's name: read where it is there. */
  beside?: Record<string, string[]>;
  /** What makes it print its version. Default: `--version`. */
  version?: string;
}

/** What identifies a tool: two machines where these are equal have the same tool. */
export interface ToolInput {
  /** What it says of itself, for people. */
  version: string;
  /** sha256 by file: the program, the libraries that it loads, and what it reads of its own. Of a Debian package, of all its files together. */
  files: Record<string, string>;
}

const TOOLS = catalogue as Record<string, Tool>;

/** The entry of a tool; an Error for a name that neither tools.json nor `own`, the recipe's `ownTools`, has. */
export function toolOf(name: string, own: Readonly<Record<string, Tool>> = {}): Tool {
  const tool = TOOLS[name] ?? own[name];
  if (!tool) throw new Error(`no tool "${name}": neither packages/core/tools.json nor "ownTools" of the recipe has it`);
  return tool;
}

/** The absolute path of a program, or of the file that shows a tool; undefined when this machine has none. */
export function locateTool(name: string, own?: Readonly<Record<string, Tool>>): string | undefined {
  const { present, path } = toolOf(name, own);
  if (present !== undefined) return existsSync(present) ? present : undefined;
  if (path !== undefined) return isProgram(path) ? path : undefined;
  return locateProgram(name);
}

/** A program as the shell would find it on this machine's PATH; relative directories in it do not count. */
export function locateProgram(name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, name);
    if (directory.startsWith('/') && isProgram(path)) return path;
  }
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What of this machine decides what the tool `name` does. A tool that is not there is part of the answer: the executor tells the user. */
export function toolInput(name: string, memory: DigestMemory, own?: Readonly<Record<string, Tool>>): ToolInput {
  const tool = toolOf(name, own);
  const start = locateTool(name, own);
  if (start === undefined) return { version: 'missing', files: {} };
  const { version, files } =
    tool.present === undefined ? memory.derived(`tool ${start} ${JSON.stringify(tool)}`, () => describe(start, tool)) : { version: name, files: [] };
  const digests = files.map((file): [string, string] => [label(file), memory.sha256(file)]);
  const programs = (tool.programs ?? []).flatMap((one) => Object.entries(toolInput(one, memory, own).files));
  const packages = existsSync(DPKG)
    ? (tool.packages ?? []).flatMap((pattern) => installed(pattern, memory)).map((one): [string, string] => [`deb:${one}`, packageDigest(one, memory)])
    : tool.packages && tool.present
      ? filesBeside(tool.present, memory)
      : [];
  const beside = files.flatMap((file) => (tool.beside?.[basename(file)] ?? []).map((one) => join(dirname(file), one)));
  const read = [...(tool.files ?? []), ...beside].filter((file) => existsSync(file));
  const configuration = read.map((file): [string, string] => [file, memory.sha256(realpathSync(file))]);
  return { version, files: byName([...digests, ...programs, ...packages, ...configuration]) };
}

/** Two files of one name both count. */
function byName(digests: readonly (readonly [string, string])[]): Record<string, string> {
  const files = new Map<string, Set<string>>();
  for (const [name, digest] of digests) files.set(name, (files.get(name) ?? new Set()).add(digest));
  return Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, found]) => [name, [...found].sort().join(' ')]));
}

/** The same program in another directory is the same program. */
function label(file: string): string {
  return basename(file);
}

/** Asks a program for all that it consists of. Only done for one that is new or changed. */
function describe(
  program: string,
  { asks = [], version: argument = '--version', idle }: Tool,
): { value: { version: string; files: string[] }; files: string[] } {
  const found = new Set<string>();
  const links = new Set<string>(['/etc/ld.so.cache', '/etc/ld.so.preload']);
  addProgram(program, found, links, idle);
  for (const question of asks) {
    const answer = ask(program, [question]);
    if (!answer.startsWith('/') || !existsSync(answer)) continue;
    if (statSync(answer).isDirectory()) for (const one of walk(answer)) void (one.type === 'file' && found.add(realpathSync(one.file)));
    else addProgram(answer, found, links);
  }
  const files = [...found].sort();
  const version = ask(program, [argument]) || basename(program);
  return { value: { version, files }, files: [...files, ...links] };
}

/** Adds a program or library with what it loads, and to `links` the symlinks that led there. */
function addProgram(path: string, found: Set<string>, links: Set<string>, idle: string[] = []): void {
  for (let link = path; isLink(link); link = resolve(dirname(link), readlinkSync(link))) links.add(link);
  const file = realpathSync(path);
  if (found.has(file)) return;
  found.add(file);
  const start = head(file);
  const interpreter = /^#! *(\S+)(?: +(\S+))?/.exec(start.toString('latin1'));
  if (interpreter?.[1] === '/usr/bin/env') {
    const named = interpreter[2] === undefined ? undefined : locateProgram(interpreter[2]);
    if (named) addProgram(named, found, links);
  } else if (interpreter?.[1] && existsSync(interpreter[1])) addProgram(interpreter[1], found, links);
  if (start.subarray(0, 4).toString('latin1') === '\x7fELF')
    for (const library of librariesOf(file)) if (!isIdle(library, idle)) addProgram(library, found, links);
}

/** Whether a library, `/lib/x86_64-linux-gnu/liblzma.so.5`, is one of `idle`, such as `liblzma`. */
export function isIdle(library: string, idle: readonly string[]): boolean {
  return idle.some((name) => basename(library).startsWith(`${name}.so`));
}

/** As the loader of this machine finds them; it starts nothing. A static program has none. */
function librariesOf(file: string): string[] {
  const listed = ask('/lib64/ld-linux-x86-64.so.2', ['--list', file], { all: true });
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path).filter((path) => existsSync(path));
}

/** The first line that a program prints; '' when it does not like the question. */
function ask(program: string, args: string[], { all = false } = {}): string {
  try {
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' };
    const text = execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
    return all ? text : (text.split('\n')[0] ?? '').trim();
  } catch {
    return '';
  }
}

function head(file: string): Buffer {
  const buffer = Buffer.alloc(256);
  const descriptor = openSync(file, 'r');
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

const DPKG = '/var/lib/dpkg/info';

/** Names of the installed packages that `pattern` means, as dpkg's files have them: `libc6-dev:amd64`. */
function installed(pattern: string, memory: DigestMemory): string[] {
  const wanted = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('+', '\\+').replaceAll('*', '.*')}(:amd64)?\\.list$`);
  return memory.derived(`installed ${pattern}`, () => {
    const lists = readdirSync(DPKG).filter((name) => wanted.test(name));
    return { value: lists.map((name) => name.slice(0, -'.list'.length)).sort(), files: [DPKG] };
  });
}

/** On a host without dpkg: all that is where the file lies that shows the tool; of a program, itself. */
function filesBeside(present: string, memory: DigestMemory): [string, string][] {
  const directory = dirname(present);
  const files = isProgram(present) ? [present] : [...walk(directory)].flatMap((one) => (one.type === 'file' ? [one.file] : []));
  return files.map((file) => [file.slice(directory.length + 1), memory.sha256(file)]);
}

/** One digest of all files of a package that a program can read: what is there, not what dpkg once unpacked. */
function packageDigest(name: string, memory: DigestMemory): string {
  const list = join(DPKG, `${name}.list`);
  const files = memory.derived(`package ${name}`, () => {
    const paths = readFileSync(list, 'utf8')
      .split('\n')
      .filter((path) => path !== '' && !/^\/usr\/share\/(doc|man|info|lintian|locale|bug)(\/|$)/.test(path));
    return { value: paths.filter((path) => existsSync(path) && statSync(path).isFile()), files: [list] };
  });
  return memory.combine(files);
}

import { execa } from 'execa';
import { closeSync, createReadStream, openSync, readSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** How a path was used. `missing`: something looked for it and it was not there. */
export type Use = 'run' | 'read' | 'list' | 'look' | 'missing' | 'write';

/** What a command and all that it started used, between two marks. */
export interface Observed {
  exitCode: number | undefined;
  output: string;
  /** By absolute path. */
  uses: Map<string, Set<Use>>;
  /** By program: the paths it used, for a person who asks who did it. */
  users: Map<string, Set<string>>;
}

/** Calls that name a file; those that start or end a process; those that change the directory. */
const CALLS = '%file,%process,chdir,fchdir';

interface TraceOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  extendEnv?: boolean;
  log: string;
  begin: string;
  end: string;
}

/**
 * Runs a command under strace and says which paths it and its children used, from the access to `begin` to the access
 * to `end` (paths that are never there). `log` is a file for strace, removed afterwards.
 */
export async function trace(argv: readonly string[], { log, begin, end, ...options }: TraceOptions): Promise<Observed> {
  // One file for all processes: in one of each, a process id that is used again would overwrite what the first wrote.
  const flags = ['-f', '-ttt', '--seccomp-bpf', '-q', '-y', '-s', '4096', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', log];
  const { exitCode, all } = await execa('strace', [...flags, '--', ...argv], { ...options, all: true, reject: false });
  const observed: Observed = { exitCode, output: String(all), uses: new Map(), users: new Map() };
  try {
    const reader = new TraceReader(options.cwd ?? process.cwd(), begin, end, observed);
    for await (const line of createInterface({ input: createReadStream(log), crlfDelay: Infinity })) reader.line(line);
    reader.finish();
  } finally {
    rmSync(log, { force: true });
  }
  return observed;
}

interface Process {
  cwd: string;
  program: string;
}

/** Reads the lines of `strace -f`: who did what, from one mark to the other. */
class TraceReader {
  #processes = new Map<string, Process>();
  /** Lines of processes of which the call that started them has not returned yet. */
  #early = new Map<string, string[]>();
  /** Calls that another process's lines came in between of. */
  #unfinished = new Map<string, string>();
  #within = false;
  #first = true;
  readonly #cwd: string;
  readonly #begin: string;
  readonly #end: string;
  readonly #observed: Observed;

  constructor(cwd: string, begin: string, end: string, observed: Observed) {
    [this.#cwd, this.#begin, this.#end, this.#observed] = [cwd, begin, end, observed];
  }

  line(text: string): void {
    const [, pid = '', body = ''] = /^(\d+) +[\d.]+ (.*)$/s.exec(text) ?? [];
    if (this.#first) this.#processes.set(pid, { cwd: this.#cwd, program: '' });
    this.#first = false;
    const process = this.#processes.get(pid);
    if (!process) (this.#early.get(pid) ?? this.#early.set(pid, []).get(pid))?.push(text);
    else if (body.startsWith('+++')) this.#processes.delete(pid);
    else if (body.endsWith(' <unfinished ...>')) this.#unfinished.set(pid, body.slice(0, -' <unfinished ...>'.length));
    else
      this.#call(
        process,
        body.replace(/^<\.\.\. \w+ resumed>/, () => this.#unfinished.get(pid) ?? ''),
      );
  }

  /** Throws when a process was seen whose start was not: what it used would be missing. */
  finish(): void {
    if (this.#early.size > 0) throw new Error(`strace shows processes that nobody started: ${[...this.#early.keys()].join(', ')}`);
  }

  #call(process: Process, body: string): void {
    const call = parseCall(body);
    if (!call) return;
    const { name, directory, path, rest, result, error } = call;
    if (STARTS.test(name)) {
      if (Number(result) > 0) this.#start(result, process);
      return;
    }
    if (name === 'fchdir' && result === '0' && directory !== undefined) process.cwd = directory;
    if (path === undefined || path === '') return;
    const absolute = resolve(directory ?? process.cwd, path);
    if (absolute === this.#begin) this.#within = true;
    else if (absolute === this.#end) this.#within = false;
    else if (name === 'chdir' && result === '0') process.cwd = absolute;
    else if (/^execve/.test(name) && !error) {
      process.program = absolute;
      this.#note(process, absolute, 'run');
      const interpreter = interpreterOf(absolute);
      if (interpreter) this.#note(process, interpreter, 'run');
    } else {
      const use = useOf(name, rest, error);
      if (use) this.#note(process, absolute, use);
    }
  }

  #start(pid: string, { cwd, program }: Process): void {
    this.#processes.set(pid, { cwd, program });
    const lines = this.#early.get(pid) ?? [];
    this.#early.delete(pid);
    for (const line of lines) this.line(line);
  }

  #note({ program }: Process, path: string, asked: Use): void {
    if (!this.#within) return;
    const { uses, users } = this.#observed;
    // Some programs do not say that it is a directory that they open.
    const use = asked === 'read' && !uses.get(path)?.has('read') && statSync(path, { throwIfNoEntry: false })?.isDirectory() ? 'list' : asked;
    (uses.get(path) ?? uses.set(path, new Set()).get(path))?.add(use);
    (users.get(program) ?? users.set(program, new Set()).get(program))?.add(path);
  }
}

const STARTS = /^(clone|clone3|fork|vfork)$/;
const LOOKS = /^(readlink|readlinkat|stat|lstat|newfstatat|statx|access|faccessat|faccessat2|statfs|getxattr|lgetxattr|listxattr|llistxattr)$/;
const OTHERS = /^(execve|execveat|chdir|getcwd|wait4|waitid|exit|exit_group|kill|tgkill)$/;

function useOf(name: string, rest: string, error: string | undefined): Use | undefined {
  if (error === 'ENOENT' || error === 'ENOTDIR') return 'missing';
  if (OTHERS.test(name)) return undefined;
  if (LOOKS.test(name)) return 'look';
  if (!/^open/.test(name) || /O_(TRUNC|EXCL|WRONLY)/.test(rest)) return 'write';
  if (error) return 'look';
  return /O_DIRECTORY/.test(rest) ? 'list' : 'read';
}

interface Call {
  name: string;
  directory: string | undefined;
  path: string | undefined;
  rest: string;
  result: string;
  error: string | undefined;
}

/**
 * A call in a line of strace -y.
 *
 * @example
 * parseCall('openat(AT_FDCWD</tmp>, "a", O_RDONLY) = 3</tmp/a>'); // { name: 'openat', directory: '/tmp', path: 'a', rest: ', O_RDONLY', result: '3' }
 */
export function parseCall(line: string): Call | undefined {
  const match = /^(\w+)\((.*)\)\s+= (-?\d+|\?|0x[\da-f]+)(?:<.*>)?(?: (E[A-Z0-9]+) \(.*\))?[^)]*$/s.exec(line);
  if (!match) return undefined;
  const [, name = '', args = '', result = '', error] = match;
  const directory = /^(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>/.exec(args);
  const afterDirectory = directory ? args.slice(directory[0].length).replace(/^, /, '') : args;
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(afterDirectory);
  const text = (found: RegExpExecArray | null): string | undefined => (found?.[1] === undefined ? undefined : unescape(found[1]));
  return { name, directory: text(directory), path: text(quoted), rest: quoted ? afterDirectory.slice(quoted[0].length) : afterDirectory, result, error };
}

/** strace writes what is not ASCII as octal escapes. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = text.replace(/\\(?:([0-7]{1,3})|x([\da-f]{2})|(.))/g, (_, octal: string | undefined, hex: string | undefined, letter: string | undefined) =>
    String.fromCharCode(
      octal !== undefined
        ? parseInt(octal, 8)
        : hex !== undefined
          ? parseInt(hex, 16)
          : ({ n: 10, t: 9, r: 13, v: 11, f: 12 }[letter ?? ''] ?? (letter ?? '').charCodeAt(0)),
    ),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

/** What the kernel opens by itself: a script's interpreter. */
function interpreterOf(file: string): string | undefined {
  const start = Buffer.alloc(256);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, start, 0, start.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A program of a scratch directory that is gone by now.
    return undefined;
  }
  return /^#!\s*(\S+)/.exec(start.toString('latin1'))?.[1];
}

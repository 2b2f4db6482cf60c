import { createWriteStream, existsSync, readFileSync, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { execa } from 'execa';
import { BuildError } from './errors.ts';
import { SOURCE_DATE_EPOCH } from './source-date-epoch.ts';
import { commandPath } from './tool-path.ts';

/** How {@link run} starts a command. */
export interface RunOptions {
  cwd?: string;
  /** Added to the clean environment of {@link cleanEnv}; nothing else of the caller's environment is passed on. */
  env?: Record<string, string>;
  /** Written to the command's standard input; without it, standard input is empty. A stream's BuildError is thrown as it is. */
  input?: string | Uint8Array | Readable;
  /** Takes standard output, which is then neither kept nor logged. */
  output?: Writable;
  /** Standard output and error are appended here, as they come. */
  logFile?: string;
  /** Called for each line of standard output, without its newline. */
  onLine?: (line: string) => void;
  /** Keep standard output in memory and return it. Default true; false for long builds. */
  capture?: boolean;
  /** Ends the command and all that it started (SIGTERM, then SIGKILL after 5 s); `run` throws the signal's reason. */
  signal?: AbortSignal;
  /** Seconds until the command is ended. Default: none. */
  timeout?: number;
  /** Exit codes that are not a failure. Default `[0]`. */
  allow?: readonly number[];
}

/** What a finished command left. */
export interface RunResult {
  stdout: string;
  exitCode: number;
}

const PASSED_ON = ['TMPDIR', 'http_proxy', 'https_proxy', 'no_proxy', 'CCACHE_REMOTE_STORAGE', 'DISTCC_HOSTS', 'DISTCC_SSH', 'APT_CONFIG'];

/** Where nothing is: many programs read a configuration below HOME, which belongs to the user and not to the build. */
const NO_HOME = '/nonexistent';

/**
 * The environment of every command: the tools of its target, what cannot change an output, and fixed locale, time zone and
 * date. `HOME`, `CFLAGS`, `MAKEFLAGS`, `LD_PRELOAD` and the like of the caller do not get through, so that a
 * build depends only on what is in its hash.
 */
export function cleanEnv(env: Record<string, string> = {}): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return {
    ...Object.fromEntries(passed),
    PATH: commandPath(),
    HOME: NO_HOME,
    ...compilerCaches(),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH),
    ...env,
  };
}

/** Where ccache and distcc keep their files, as they would find it by HOME. They select who compiles, and cannot change a byte (docs/decisions/0008). */
function compilerCaches(): Record<string, string> {
  const { CCACHE_DIR, DISTCC_DIR, XDG_CACHE_HOME } = process.env;
  const old = join(homedir(), '.ccache');
  const ccache = CCACHE_DIR ?? (existsSync(old) ? old : join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ccache'));
  return { CCACHE_DIR: ccache, DISTCC_DIR: DISTCC_DIR ?? join(homedir(), '.distcc') };
}

/**
 * Runs a command and waits for it. `argv` is never seen by a shell.
 *
 * @throws BuildError HOST_TOOL_MISSING when the program is not there, COMMAND_FAILED with the command, its
 * exit code and the last 40 lines of its output, COMMAND_TIMEOUT.
 *
 * @example
 * const { stdout } = await run(['readelf', '--dynamic', path]);
 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  const { logFile, onLine, signal, timeout, capture = !options.output, allow = [0] } = options;
  signal?.throwIfAborted();
  const tail: string[] = [];
  const log = logFile ? await openLog(logFile) : undefined;
  log?.write(`$ ${argv.join(' ')}\n`);
  const env = cleanEnv(options.env);
  const child = execa(program, args, {
    cwd: options.cwd ?? process.cwd(),
    env,
    extendEnv: false,
    // A process group of its own: ending make must end the compilers under it, which hold its output open.
    detached: true,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : { input: options.input }),
    buffer: { stdout: capture, stderr: false },
    stripFinalNewline: false,
    maxBuffer: 1 << 28,
    reject: false,
  });
  if (options.output) {
    child.stdout.pipe(options.output);
    // A reader that was ended leaves output unread, and execa waits for all of it.
    options.output.once('close', () => child.stdout.resume());
  }
  for (const stream of options.output ? [child.stderr] : [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => log?.write(chunk));
    eachLine(stream, (line) => {
      if (line.trim() !== '' && tail.push(line) > 40) tail.shift();
      if (stream === child.stdout) onLine?.(line);
    });
  }
  let timedOut = false;
  const end = (): void => {
    endGroup(child.pid, 'SIGTERM');
    setTimeout(() => endGroup(child.pid, 'SIGKILL'), 5000).unref();
  };
  const timer = timeout ? setTimeout(() => ((timedOut = true), end()), timeout * 1000) : undefined;
  signal?.addEventListener('abort', end, { once: true });
  const result = await child;
  clearTimeout(timer);
  signal?.removeEventListener('abort', end);
  await new Promise<void>((done) => (log ? log.end(done) : done()));
  signal?.throwIfAborted();
  if (result.code === 'ENOENT') throw notFound(program, options.cwd ?? process.cwd(), env['PATH']);
  if (result.cause instanceof BuildError) throw result.cause;
  if (timedOut) {
    throw new BuildError('COMMAND_TIMEOUT', `${argv.join(' ')}: not done after ${timeout} s\n${tail.join('\n')}`, withLog(logFile));
  }
  if (!allow.includes(result.exitCode ?? -1)) {
    const how = result.exitCode === undefined ? `ended by ${result.signal ?? result.shortMessage}` : `exit code ${result.exitCode}`;
    throw new BuildError('COMMAND_FAILED', `${argv.join(' ')}: ${how}\n${tail.join('\n')}`, withLog(logFile));
  }
  return { stdout: capture ? String(result.stdout) : '', exitCode: result.exitCode ?? -1 };
}

async function openLog(file: string): Promise<WriteStream> {
  await mkdir(dirname(file), { recursive: true });
  return createWriteStream(file, { flags: 'a' });
}

/** Calls `take` for each line of `stream`, the last one too when it has no newline. */
function eachLine(stream: Readable | null, take: (line: string) => void): void {
  const decoder = new StringDecoder();
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  stream?.on('end', () => {
    if (rest !== '') take(rest);
  });
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The system says ENOENT of a missing program, of the directory it shall start in, and of the interpreter or loader that it needs. */
function notFound(program: string, cwd: string, path = ''): BuildError {
  if (!existsSync(cwd))
    return new BuildError('DIRECTORY_MISSING', `${cwd} is not there, in which "${program}" was to start`, {
      hint: 'Run the same command again, when nothing else removes the directory.',
    });
  const places = program.includes('/') ? [resolve(cwd, program)] : path.split(delimiter).map((directory) => join(directory, program));
  const file = places.find((place) => existsSync(place));
  if (file === undefined)
    return new BuildError('HOST_TOOL_MISSING', `"${program}" not found on PATH`, {
      hint: 'Run the target doctor of the image: it names the packages that are missing, and the command that installs them.',
    });
  const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(readFileSync(file, 'latin1')) ?? [];
  return new BuildError('HOST_TOOL_MISSING', `${file} is there, and its ${interpreter ? `interpreter ${JSON.stringify(interpreter)}` : 'loader'} is not`, {
    hint: interpreter ? 'Install the interpreter, or save the script with LF line ends.' : 'Install the package that has the program again, for this machine.',
  });
}

function withLog(logFile: string | undefined): { logFile?: string } {
  return logFile ? { logFile } : {};
}

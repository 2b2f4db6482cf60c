import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { BuildError } from './errors.ts';

/** How {@link run} starts a command. */
export interface RunOptions {
  cwd?: string;
  /** Added to the clean environment of {@link cleanEnv}; nothing else of the caller's environment is passed on. */
  env?: Record<string, string>;
  /** Written to the command's standard input; without it, standard input is empty. */
  input?: string | Uint8Array;
  /** Standard output and error are appended here, as they come. */
  logFile?: string;
  /** Called for each line of standard output, without its newline. */
  onLine?: (line: string) => void;
  /** Keep standard output in memory and return it. Default true; false for long builds. */
  capture?: boolean;
  /** Ends the command (SIGTERM, then SIGKILL after 5 s). */
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

const PASSED_ON = ['PATH', 'HOME', 'USER', 'TMPDIR', 'http_proxy', 'https_proxy', 'no_proxy', 'CCACHE_DIR', 'XDG_CACHE_HOME', 'APT_CONFIG'];

/**
 * The environment of every command: what cannot change an output, plus fixed locale, time zone and
 * date. `CFLAGS`, `MAKEFLAGS`, `LD_PRELOAD` and the like of the caller do not get through, so that a
 * build depends only on what is in its hash.
 */
export function cleanEnv(env: Record<string, string> = {}): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(passed), LC_ALL: 'C.UTF-8', TZ: 'UTC', SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH), ...env };
}

/** The date of everything built, in seconds since 1970: 2025-01-01T00:00:00Z. */
export const SOURCE_DATE_EPOCH = 1735689600;

/**
 * Runs a command and waits for it. `argv` is never seen by a shell.
 *
 * Errors: `HOST_TOOL_MISSING` when the program is not there, `COMMAND_FAILED` with the command, its
 * exit code and the last 40 lines of its output, `COMMAND_TIMEOUT`.
 *
 * @example
 * const { stdout } = await run(['readelf', '--dynamic', path]);
 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  const { logFile, onLine, capture = true, allow = [0] } = options;
  const tail: string[] = [];
  let log: ReturnType<typeof createWriteStream> | undefined;
  if (logFile) {
    await mkdir(dirname(logFile), { recursive: true });
    log = createWriteStream(logFile, { flags: 'a' });
    log.write(`$ ${argv.join(' ')}\n`);
  }
  const child = execa(program, args, {
    cwd: options.cwd ?? process.cwd(),
    env: cleanEnv(options.env),
    extendEnv: false,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
    ...(options.timeout ? { timeout: options.timeout * 1000 } : {}),
    buffer: { stdout: capture, stderr: false },
    stripFinalNewline: false,
    maxBuffer: 1 << 28,
    reject: false,
  });
  const remember = (chunk: Buffer): void => {
    log?.write(chunk);
    tail.push(...chunk.toString().split('\n').filter((line) => line.trim() !== ''));
    if (tail.length > 40) tail.splice(0, tail.length - 40);
  };
  child.stdout?.on('data', remember);
  child.stderr?.on('data', remember);
  if (onLine) {
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  }
  const result = await child;
  await new Promise<void>((done) => (log ? log.end(done) : done()));
  if (result.code === 'ENOENT') throw missingTool(program, options.cwd);
  if (result.timedOut) {
    throw new BuildError('COMMAND_TIMEOUT', `${argv.join(' ')}: not done after ${options.timeout} s\n${tail.join('\n')}`, withLog(logFile));
  }
  if (!allow.includes(result.exitCode ?? -1)) {
    const how = result.exitCode === undefined ? `ended by ${result.signal ?? result.shortMessage}` : `exit code ${result.exitCode}`;
    throw new BuildError('COMMAND_FAILED', `${argv.join(' ')}: ${how}\n${tail.join('\n')}`, withLog(logFile));
  }
  return { stdout: capture ? String(result.stdout) : '', exitCode: result.exitCode ?? -1 };
}

function missingTool(program: string, cwd: string | undefined): BuildError {
  return new BuildError('HOST_TOOL_MISSING', `"${program}" not found on PATH${cwd ? ` (started in ${cwd})` : ''}`, {
    hint: 'Run npm run bootstrap: it names the missing host packages and installs them.',
  });
}

function withLog(logFile: string | undefined): { logFile?: string } {
  return logFile ? { logFile } : {};
}

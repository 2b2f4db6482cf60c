import { BuildError, requireTools, run, type BuildContext } from '@container-os/core';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What make is told of the machines of distcc. */
export interface Distcc {
  /** For DISTCC_HOSTS: the hosts whose compiler makes what this machine's makes. */
  hosts: string;
  /** Jobs that they take at once; 0 without any. */
  slots: number;
}

/**
 * One function, whose object says who made it: gcc writes its version into `.comment` (with the package's revision,
 * on Debian), and the assembler its own where `.gasversion.` stands. distcc preprocesses here, so that a macro such
 * as `__VERSION__` would only tell of this machine.
 */
const PROBE = `__asm__(".section .comment.as\\n.long .gasversion.\\n.text");
int probe(int a, int *b) { for (int i = 0; i < a; i++) b[i] = b[a - i] * i; return a / 7; }
`;

/** Seconds that a host has to compile the probe. */
const LIMIT = 20;

/**
 * The hosts of distcc (DISTCC_HOSTS, or its files) that are there and compile as this machine does. distcc does not
 * compare compilers, and the target's hash knows only the one of this machine: an object of another one would be a
 * stale hit for everybody. A host that is left out is named in the log and costs time only.
 *
 * @throws BuildError HOST_TOOL_MISSING without distcc, COMMAND_FAILED when this machine cannot compile
 */
export async function prepareDistcc({ scratch, log, signal, logFile }: Pick<BuildContext, 'scratch' | 'log' | 'signal' | 'logFile'>): Promise<Distcc> {
  requireTools({ utilities: ['distcc'] }, 'compilerLauncher');
  const source = join(scratch, 'launcher-probe.c');
  const object = join(scratch, 'launcher-probe.o');
  await writeFile(source, PROBE);
  // -O2 -g0 as nearly all of the build; -c from within the directory, so that no path is in the object.
  const compile = ['gcc', '-O2', '-g0', '-c', 'launcher-probe.c', '-o', 'launcher-probe.o'] as const;
  await run(compile, { cwd: scratch, signal, logFile });
  const expected = await readFile(object);
  const listed = await run(['distcc', '--show-hosts'], { signal, logFile, allow: [0, 1, 100, 116] });
  const names = listed.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const same: string[] = [];
  for (const host of names) {
    // What an earlier host made must not speak for this one.
    await rm(object, { force: true });
    const env = { DISTCC_HOSTS: host, DISTCC_FALLBACK: '0', DISTCC_SKIP_LOCAL_RETRY: '1', DISTCC_BACKOFF_PERIOD: '0' };
    const verdict = await run(['distcc', ...compile], { cwd: scratch, env, signal, logFile, timeout: LIMIT }).then(
      async () =>
        (await readFile(object)).equals(expected)
          ? undefined
          : `its compiler or assembler differs from this machine's; compare "gcc --version" and "as --version"`,
      notThere,
    );
    if (verdict === undefined) same.push(host);
    else log.warn(`distcc: ${host} is not used: ${verdict}`);
  }
  const hosts = same.join(' ');
  if (same.length === 0) log.warn(names.length === 0 ? 'distcc: no hosts; set DISTCC_HOSTS' : 'distcc: no usable host; this machine compiles alone');
  const slots = same.length === 0 ? 0 : Number((await run(['distcc', '-j'], { env: { DISTCC_HOSTS: hosts }, signal })).stdout);
  return { hosts: hosts || 'localhost', slots };
}

/** A host that does not answer is no fault of the build; anything else than that is. */
function notThere(error: unknown): string {
  if (error instanceof BuildError && (error.code === 'COMMAND_FAILED' || error.code === 'COMMAND_TIMEOUT'))
    return 'it did not compile a probe; see the log file';
  throw error;
}

import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a command took, with all processes that it waited for. */
export interface Cost {
  wallSeconds: number;
  cpuSeconds: number;
}

/** Words before a command after which {@link readCost} finds in `file` what it took. */
export function timed(file: string): string[] {
  return ['bash', '-c', 'exec 3>&2; TIMEFORMAT="%R %U %S"; { time "$@" 2>&3; } 2>"$0"', file];
}

/** What `time` wrote to `file`. */
export async function readCost(file: string): Promise<Cost> {
  const [wall = NaN, user = NaN, system = NaN] = (await readFile(file, 'utf8')).trim().split(' ').map(Number);
  return { wallSeconds: wall, cpuSeconds: user + system };
}

/** Runs `argv` and measures it, with its peak memory in MiB (of its largest process, as the kernel counts it). */
export async function measureCommand(argv: readonly string[], scratch: string, options: { cwd?: string } = {}): Promise<Cost & { peakMiB: number }> {
  const [times, peak] = [join(scratch, 'times'), join(scratch, 'peak')];
  const [file = '', ...words] = [...timed(times), 'python3', '-c', PEAK, peak, ...argv];
  await execa(file, words, { ...options, stdin: 'ignore' });
  return { ...(await readCost(times)), peakMiB: Number(await readFile(peak, 'utf8')) / 1024 };
}

const PEAK = `import resource, subprocess, sys
subprocess.run(sys.argv[2:], check=True)
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))`;

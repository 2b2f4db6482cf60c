import { execa } from 'execa';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nxEnvironment } from './workspace-copy.ts';

/** What a run of nx did. Task names are without their project: `kernel`. */
export interface NxRun {
  exitCode: number | undefined;
  output: string;
  /** Tasks that were executed, sorted. */
  built: string[];
  /** Tasks that came from the cache, sorted. */
  cached: string[];
  /** Those of `cached` that came from a remote one. */
  fetched: string[];
  /** By task: the hash it is cached under. */
  hashes: Record<string, string>;
}

interface RunFile {
  tasks: { target: string; hash: string; cacheStatus: string }[];
}

/** Runs `nx run <task>` (`project:target`) in `workspace`, behind the words of `prefix`, and reads what it did from Nx's own record of the run. */
export async function nxRun(workspace: string, task: string, env: NodeJS.ProcessEnv = {}, prefix: string[] = []): Promise<NxRun> {
  const record = join(workspace, '.nx/cache/run.json');
  rmSync(record, { force: true });
  const options = { cwd: workspace, env: { ...nxEnvironment(), ...env }, extendEnv: false, all: true, reject: false } as const;
  const [file, ...args] = [...prefix, 'npx', 'nx', 'run', task];
  const { exitCode, all: output } = await execa(file, args, options);
  const { tasks } = readRecord(record, output);
  const names = (wanted: (status: string) => boolean): string[] =>
    tasks
      .filter(({ cacheStatus }) => wanted(cacheStatus))
      .map((one) => one.target)
      .sort();
  return {
    exitCode,
    output,
    built: names((status) => status === 'cache-miss'),
    cached: names((status) => status !== 'cache-miss'),
    fetched: names((status) => status === 'remote-cache-hit'),
    hashes: Object.fromEntries(tasks.map((one) => [one.target, one.hash])),
  };
}

function readRecord(file: string, output: string): RunFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunFile;
  } catch {
    throw new Error(`nx ended before it ran a task:\n${output}`);
  }
}

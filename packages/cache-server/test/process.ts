import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The command as a process of its own. */
export interface ServerProcess {
  url: string;
  child: ChildProcess;
  /** Peak of resident memory since the last call, in MiB (Linux). */
  peak(): number;
  /** Ends it by `signal`, and answers when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const MAIN = [process.execPath, '--import', '@swc-node/register/esm-register', join(import.meta.dirname, '../src/main.ts')];

/** Starts `serve` on a free port; `command` is what to run instead of the sources. */
export async function startProcess(flags: string[], command: string[] = MAIN): Promise<ServerProcess> {
  const [program, ...first] = command;
  const child = spawn(program!, [...first, 'serve', '--port', '0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'exit');
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        if (output.length < 100_000) output += data.toString();
        const found = /"url":"([^"]+)"/.exec(output)?.[1];
        if (found) resolve(found);
      });
    }
    void gone.then(() => reject(new Error(`cache-server ended:\n${output}`)));
  });
  return {
    url,
    child,
    peak: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await gone;
    },
  };
}

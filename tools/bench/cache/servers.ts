import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../free-port.ts';

/** A server under load: a process of its own, and what it cost. */
export interface Server {
  url: string;
  /** CPU seconds since its start, of all its threads and workers. */
  cpu(): number;
  /** Peak of resident memory, bytes, of the largest process. */
  peak(): number;
  stop(): Promise<void>;
}

/** Our server as `npm run build -w packages/cache-server` makes it, without a line a request, as nginx runs without its access log. */
export async function startOurs(main: string, directory: string, tokens: string): Promise<Server> {
  const port = await freePort();
  return ready(
    spawn(
      process.execPath,
      [
        main,
        'serve',
        '--port',
        String(port),
        '--directory',
        directory,
        '--tokens',
        tokens,
        '--requests-per-second',
        '0',
        '--max-size',
        '0',
        '--log-level',
        'warn',
      ],
      { stdio: 'inherit' },
    ),
    port,
  );
}

/** nginx with one worker, as ours is one process, on the entries that ours stored. */
export async function startNginx(directory: string, scratch: string): Promise<Server> {
  const port = await freePort();
  const config = join(scratch, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${scratch}/${name};`).join(' ');
  writeFileSync(
    config,
    `${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
daemon off; worker_processes 1; pid ${scratch}/nginx.pid; error_log ${scratch}/nginx-error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${paths}
  server {
    listen 127.0.0.1:${port};
    location = /healthz { return 200; }
    location ~ "^/v1/cache/((..).*)$" { default_type application/octet-stream; alias ${directory}/entries/trusted/$2/$1; }
  }
}
`,
  );
  return ready(spawn('nginx', ['-e', join(scratch, 'nginx-error.log'), '-c', config], { stdio: 'inherit' }), port);
}

async function ready(child: ChildProcess, port: number): Promise<Server> {
  const url = `http://127.0.0.1:${port}`;
  const gone = once(child, 'exit');
  for (let waited = 0; ; waited += 100) {
    if (
      await fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (child.exitCode !== null || waited > 20_000) throw new Error(`${child.spawnargs.join(' ')} does not answer at ${url}/healthz`);
    await sleep(100);
  }
  const pids = [child.pid!, ...readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)];
  return {
    url,
    cpu: () => pids.reduce((sum, pid) => sum + cpuOf(pid).own, 0),
    peak: () => Math.max(...pids.map((pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024)),
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** CPU seconds of a process, and of its children that have ended (proc(5), stat; a tick is 10 ms wherever Linux runs). */
export function cpuOf(pid: number | 'self'): { own: number; children: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number);
  return { own: (fields[11]! + fields[12]!) / 100, children: (fields[13]! + fields[14]!) / 100 };
}

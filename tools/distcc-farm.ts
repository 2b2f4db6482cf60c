import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A machine of the farm: a network namespace with a distccd. */
export interface Machine {
  address: string;
  /** Source files that it compiled, in order, from distccd's log. */
  compiled(): string[];
  /** SIGKILL to every process of its namespace: the machine is gone. */
  kill(): void;
}

export interface Farm {
  /** Put before a command: it then runs on the client, which reaches the machines and nothing else. */
  client: string[];
  machines: Machine[];
  remove(): void;
}

let made = 0;

/**
 * Two machines with a distccd each, and a client, as network namespaces on a bridge. Every machine has one CPU.
 * Needs root, iproute2 and distcc. `environment` is that of each distccd, for example another PATH.
 */
export async function createFarm(environment: NodeJS.ProcessEnv[] = [{}, {}]): Promise<Farm> {
  // Two farms of one process differ; an interface's name has 15 letters at most.
  const id = `co${process.pid}${String.fromCharCode(97 + made++)}`;
  const client = `${id}-client`;
  const directory = mkdtempSync(join(tmpdir(), 'distcc-farm-'));
  // distccd gives up root: it must get to its log and its temporary files.
  chmodSync(directory, 0o755);
  const names = environment.map((_, index) => `${id}-${index + 1}`);
  try {
    ip('netns', 'add', client);
    ip('-n', client, 'link', 'set', 'lo', 'up');
    ip('-n', client, 'link', 'add', 'farm', 'type', 'bridge');
    ip('-n', client, 'link', 'set', 'farm', 'up');
    ip('-n', client, 'address', 'add', '10.99.0.1/24', 'dev', 'farm');
    const machines: Machine[] = [];
    for (const [index, name] of names.entries()) machines.push(await startMachine(name, `10.99.0.${index + 11}`, environment[index] ?? {}));
    return { client: ['ip', 'netns', 'exec', client], machines, remove };
  } catch (error) {
    remove();
    throw error;
  }

  function remove(): void {
    const there = ip('netns', 'list');
    for (const name of [...names, client].filter((one) => there.includes(one))) {
      kill(name);
      ip('netns', 'delete', name);
    }
    rmSync(directory, { recursive: true });
  }

  async function startMachine(name: string, address: string, env: NodeJS.ProcessEnv): Promise<Machine> {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', client, 'link', 'add', `${name}v`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('-n', client, 'link', 'set', `${name}v`, 'master', 'farm', 'up');
    ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    const log = join(directory, `${name}.log`);
    writeFileSync(log, '');
    mkdirSync(join(directory, name));
    chmodSync(log, 0o666);
    chmodSync(join(directory, name), 0o777);
    const options = ['--daemon', '--no-detach', `--log-file=${log}`, '--log-level=info', `--listen=${address}`, '--allow=10.99.0.0/24', '--jobs=2'];
    const argv = ['netns', 'exec', name, 'taskset', '--cpu-list', '0', 'distccd', ...options];
    spawn('ip', argv, { stdio: 'ignore', env: { ...process.env, TMPDIR: join(directory, name), ...env } });
    for (let tries = 0; tries < 50 && !listens(name); tries++) await sleep(100);
    if (!listens(name)) throw new Error(`distccd on ${address} does not listen:\n${readFileSync(log, 'utf8')}`);
    return {
      address,
      compiled: () =>
        readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line.includes('COMPILE_OK'))
          .map((line) => line.split(' ').at(-1)!)
          .filter((file) => !file.includes('launcher-probe')),
      kill: () => kill(name),
    };
  }
}

function ip(...argv: string[]): string {
  return execFileSync('ip', argv, { encoding: 'utf8' });
}

function listens(name: string): boolean {
  return execFileSync('ip', ['netns', 'exec', name, 'cat', '/proc/net/tcp'], { encoding: 'utf8' }).includes(':0E30 ');
}

/** Ends what runs in a namespace of this farm, by id. */
function kill(name: string): void {
  const pids = ip('netns', 'pids', name)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

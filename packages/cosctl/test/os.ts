import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { cosctl } from '../src/program/cli.ts';
import type { System } from '../src/program/system.ts';

/** What a run of the command did. */
export interface Result {
  code: number;
  out: string;
  err: string;
  /** Programs that were run. */
  ran: string[][];
}

export interface Hooks {
  /** Stands for the OS's programs; returns an exit code. */
  execute?(argv: string[]): number;
  /** What happens while the command waits. */
  sleep?(): void;
  terminal?: boolean;
}

/** An OS of files below a temporary directory, made anew for each test, with the command on it. */
export function useOs() {
  let root = '';
  const os = {
    path: (path: string): string => join(root, path),

    write(path: string, text: string): void {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },

    container(name: string, state: Record<string, string>, definition: object = {}, config: object = { ociVersion: '1.2.1' }): void {
      const directory = `run/container-os/containers/${name}`;
      for (const [file, text] of Object.entries(state)) os.write(`${directory}/${file}`, `${text}\n`);
      for (const bundle of [`${directory}/bundle`, `containers/${name}`]) {
        os.write(`${bundle}/definition.json`, JSON.stringify(definition));
        os.write(`${bundle}/config.json`, JSON.stringify(config));
        os.write(`${bundle}/rootfs/bin/sh`, '');
      }
    },

    /** A container's state becomes another one, as its supervisor sets it; as a program does that succeeds. */
    set(name: string, file: string, text: string): number {
      os.write(`run/container-os/containers/${name}/${file}`, `${text}\n`);
      return 0;
    },

    run(argv: string[], { execute = () => 0, sleep = () => undefined, terminal = false }: Hooks = {}): Result {
      const result: Result = { code: 0, out: '', err: '', ran: [] };
      const system: System = {
        read: (path) => attempt(() => readFileSync(join(root, path), 'utf8')),
        list: (path) => attempt(() => readdirSync(join(root, path)).sort()) ?? [],
        realPath: (path) => attempt(() => realpathSync(join(root, path)).slice(realpathSync(root).length)),
        write: (path, text) => writeFileSync(join(root, path), text),
        makeDirectory: (path) => void (existsSync(join(root, path)) || mkdirSync(join(root, path))),
        remove: (path) => rmSync(join(root, path), { force: true }),
        execute: (command, { noInput = false } = {}) => {
          result.ran.push(noInput ? [...command, '</dev/null'] : command);
          return execute(command);
        },
        print: (text) => (result.out += text),
        complain: (text) => (result.err += text),
        isTerminal: () => terminal,
        sleep,
        pid: 42,
      };
      result.code = cosctl(argv, system);
      return result;
    },
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cosctl-'));
    vi.stubGlobal('COSCTL_VERSION', '1.2.3');
    os.write('proc/uptime', '1000.42 900.00\n');
    os.container('web', { status: 'running', pid: '133', address: '10.22.0.2', started: '700', failures: '2', reason: 'exited with code 1: oops' });
    os.container('job', { status: 'failed', started: '900', failures: '3', restarts: '2', reason: 'exited with code 3: no disk' });
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
    await rm(root, { recursive: true });
  });
  return os;
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

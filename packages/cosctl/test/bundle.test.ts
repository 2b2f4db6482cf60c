import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../src/bundle.ts';

let scratch: string;
let bundle: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'cosctl-'));
  bundle = await readFile(await bundleProgram(scratch, '1.2.3'), 'utf8');
});
afterAll(() => rm(scratch, { recursive: true }));

/** Runs the bundle where there is ECMAScript and nothing of Node, on `files`, as in QuickJS. */
function runBundle(args: string[], files: Map<string, string>): { out: string; code: number | undefined } {
  const result: { out: string; code: number | undefined } = { out: '', code: undefined };
  const puts = (text: string): void => void (result.out += text);
  const std = {
    open: (path: string, flags: string) =>
      flags === 'w' || files.has(path) ? { readAsString: () => files.get(path), puts: (text: string) => files.set(path, text), close: () => 0 } : null,
    out: { puts, flush: () => undefined },
    err: { puts },
    exit: (code: number) => (result.code = code),
  };
  const os = {
    readdir: (path: string) => [
      [...new Set([...files.keys()].filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1).split('/')[0]))],
      0,
    ],
    realpath: (path: string) => [path, [...files.keys()].some((file) => file === path || file.startsWith(`${path}/`)) ? 0 : 2],
    exec: ([program = '', name = '']: string[]) => {
      if (program.endsWith('/add-service')) files.set(`/run/container-os/containers/${name}/status`, 'created\n').set(`/run/service/${name}/supervise/ok`, '');
      return 0;
    },
    mkdir: () => 0,
    isatty: () => false,
    getpid: () => 1,
  };
  const script = bundle.replace(/import ?\* ?as ([\w$]+) from ?"(std|os)";/g, 'const $1=modules.$2;');
  runInContext(script, createContext({ modules: { std, os }, scriptArgs: ['cosctl', ...args] }));
  return result;
}

describe('the bundle', () => {
  it('runs without Node', () => {
    expect(runBundle(['version', '--client'], new Map())).toEqual({ out: 'cosctl 1.2.3\n', code: 0 });
  });

  it('makes an OCI configuration of a definition without Node', () => {
    const files = new Map([
      ['/usr/share/container-os/seccomp-profile.json', '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}'],
      ['/srv/container.json', '{"rootfs":["./root"],"command":["a"]}'],
      ['/srv/./root/a', ''],
    ]);
    expect(runBundle(['create', 'web', '/srv'], files)).toEqual({ out: '', code: 0 });
    expect(JSON.parse(files.get('/run/container-os/bundles/web/config.json') ?? '')).toMatchObject({ hostname: 'web', process: { noNewPrivileges: false } });
  });

  it('refuses a definition as a build does', () => {
    const refused = runBundle(['create', 'web', '/srv'], new Map([['/srv/container.json', '{"rootfs":["./root"],"command":"a"}']]));
    expect(refused).toEqual({ out: 'cosctl: /srv/container.json: /command: expected array, got "a"\n', code: 1 });
  });

  it('has no compiler of schemas in it', () => {
    expect(bundle).not.toContain('new Function');
    expect(bundle.length).toBeLessThan(210_000);
  });
});

// npm run e2e:distcc: BusyBox compiled on two other machines (network namespaces), with a shared ccache, and with a
// machine that dies. Needs root and distcc, and about 5 minutes on 2 idle cores.
import { execa } from 'execa';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256File } from '@container-os/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFarm, type Farm } from './distcc-farm.ts';
import { root } from './files.ts';
import { copyWorkspace, nxEnvironment } from './workspace-copy.ts';

const minutes = 60_000;

describe.skipIf(process.env['CONTAINER_OS_E2E'] !== 'distcc')('compilerLauncher', { timeout: 10 * minutes }, () => {
  const base = mkdtempSync(join(tmpdir(), 'compiler-launcher-'));
  const workspace = join(base, 'workspace');
  let farm: Farm | undefined;
  let local: Build;

  beforeAll(async () => {
    chmodSync(base, 0o755);
    copyWorkspace(workspace);
    farm = await createFarm();
    local = await build('none');
  }, 10 * minutes);

  afterAll(() => {
    farm?.remove();
    rmSync(base, { recursive: true });
  });

  test('two machines compile, and make the bytes that this one makes, under the same hash', async () => {
    const before = compiled();
    const remote = await build('distcc');
    const counts = compiled().map((count, index) => count - before[index]!);
    report('distcc', { ...remote, counts, local: local.cpu });
    for (const count of counts) expect(count).toBeGreaterThan(50);
    expect(remote.layer).toBe(local.layer);
    expect(remote.hash).toBe(local.hash);
    expect(remote.cpu).toBeLessThan(local.cpu);
  });

  test('a machine that dies in the middle costs time only', async () => {
    const before = compiled();
    const building = build('distcc');
    while (compiled()[0]! < before[0]! + 60) await sleep(100);
    farm!.machines[0]!.kill();
    const atDeath = compiled();
    const remote = await building;
    const counts = compiled().map((count, index) => count - before[index]!);
    report('killed', { ...remote, counts, afterDeath: compiled()[1]! - atDeath[1]! });
    expect(remote.layer).toBe(local.layer);
    expect(compiled()[0]).toBeLessThanOrEqual(atDeath[0]! + 4);
    expect(compiled()[1]! - atDeath[1]!).toBeGreaterThan(50);
  });

  test('a second ccache that is empty takes every object from the shared storage', async () => {
    const shared = { CCACHE_REMOTE_STORAGE: `file:${join(base, 'shared')}` };
    const first = await build('ccache distcc', { ...shared, CCACHE_DIR: join(base, 'ccache-one') });
    const second = await build('ccache distcc', { ...shared, CCACHE_DIR: join(base, 'ccache-two') });
    const stats = await ccacheStats(join(base, 'ccache-two'));
    report('ccache', { first: first.cpu, second: second.cpu, stats });
    expect([first.layer, second.layer]).toEqual([local.layer, local.layer]);
    expect(stats['cache_miss']).toBe(0);
    expect(stats['remote_storage_hit']).toBeGreaterThan(100);
  });

  interface Build {
    layer: string;
    hash: string;
    output: string;
    /** CPU seconds of this machine, with those of nx. */
    cpu: number;
    wall: number;
  }

  async function build(launcher: string, more: NodeJS.ProcessEnv = {}, on: Farm = farm!): Promise<Build> {
    const env = { ...nxEnvironment(), DISTCC_DIR: join(base, 'distcc'), DISTCC_HOSTS: hosts(on), ...more };
    mkdirSync(env.DISTCC_DIR, { recursive: true });
    const nx = `time npx nx run base-vm:busybox --compilerLauncher='${launcher}' --skip-nx-cache --outputStyle=stream`;
    const [program, ...rest] = [...on.client, 'bash', '-c', `TIMEFORMAT='cpu %U %S %R'; ${nx}`];
    const { all: output } = await execa(program!, rest, { cwd: workspace, env, extendEnv: false, all: true });
    const [user = 0, system = 0, wall = 0] = /cpu (\S+) (\S+) (\S+)/.exec(output)?.slice(1).map(Number) ?? [];
    const record = JSON.parse(readFileSync(join(workspace, '.nx/cache/run.json'), 'utf8')) as { tasks: { target: string; hash: string }[] };
    const hash = record.tasks.find(({ target }) => target === 'busybox')!.hash;
    return { layer: await sha256File(join(workspace, 'dist/container-os/base/vm/busybox/layer.cpio')), hash, output, cpu: user + system, wall };
  }

  function hosts({ machines }: Farm): string {
    return machines.map(({ address }) => `${address}/2`).join(' ');
  }

  function compiled(): number[] {
    return farm!.machines.map((machine) => machine.compiled().length);
  }
});

test.skipIf(process.env['CONTAINER_OS_E2E'] !== 'distcc')(
  'machines that compile otherwise, or are not there, are left out',
  { timeout: 2 * minutes },
  async () => {
    const base = mkdtempSync(join(tmpdir(), 'other-compilers-'));
    chmodSync(base, 0o755);
    const gcc = (name: string, script: string): NodeJS.ProcessEnv => {
      mkdirSync(join(base, name));
      // distcc asks a host for gcc by the name of its target.
      writeFileSync(join(base, name, 'x86_64-linux-gnu-gcc'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      return { PATH: `${join(base, name)}:${process.env['PATH']}` };
    };
    const otherCode = gcc('code', 'exec /usr/bin/gcc "$@" -O1');
    // The same code by another version: only .comment tells.
    const otherName = gcc('name', '/usr/bin/gcc "$@" || exit; while [ "$1" != -o ]; do shift; done; LC_ALL=C sed -i "s/GCC: (/GCC; (/" "$2"');
    const farm = await createFarm([otherCode, otherName, {}]);
    try {
      const [code, name, same] = farm.machines.map(({ address }) => address);
      const script = `
      import { prepareDistcc } from '@container-os/compiler';
      const warnings = [];
      const context = { scratch: ${JSON.stringify(base)}, logFile: ${JSON.stringify(join(base, 'log'))}, log: { warn: (text) => warnings.push(text) }, signal: new AbortController().signal };
      console.log(JSON.stringify({ ...await prepareDistcc(context), warnings }));`;
      const [program, ...rest] = [...farm.client, 'node', '--import', '@swc-node/register/esm-register', '--input-type=module', '--eval', script];
      const { stdout } = await execa(program!, rest, { cwd: root, env: { DISTCC_DIR: base, DISTCC_HOSTS: `${code}/2 ${name}/2 10.99.0.99/2 ${same}/3` } });
      const { hosts, slots, warnings } = JSON.parse(stdout) as { hosts: string; slots: number; warnings: string[] };
      expect({ hosts, slots }).toEqual({ hosts: `${same}/3`, slots: 3 });
      expect(warnings).toHaveLength(3);
      expect(warnings[0]).toMatch(new RegExp(`${code}/2 is not used: its compiler or assembler differs from this machine's`));
      expect(warnings[1]).toMatch(new RegExp(`${name}/2 is not used: its compiler or assembler differs from this machine's`));
      expect(warnings[2]).toMatch(/10\.99\.0\.99\/2 is not used: it did not compile a probe/);
    } finally {
      farm.remove();
      rmSync(base, { recursive: true });
    }
  },
);

async function ccacheStats(directory: string): Promise<Record<string, number>> {
  const { stdout } = await execa('ccache', ['--print-stats'], { env: { CCACHE_DIR: directory } });
  return Object.fromEntries(
    stdout
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([name, value]) => [name!, Number(value)]),
  );
}

function report(name: string, what: object): void {
  const { output: _, ...short } = what as { output?: string };
  console.log(name, JSON.stringify(short));
}

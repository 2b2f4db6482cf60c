// Stacks as people have them: a compose.yaml that was written for Docker (tools/stacks/*/stack.yaml), with `x-os: {}` and nothing else of this OS.
// Each is built, booted, asked from outside, tested by the guest's own suite, booted again after the power button and after a power cut, and must
// have kept what it was given.
//   npm run e2e:oci       one of them, after the other tests of OCI images
//   npm run e2e:stacks    all five
//   CONTAINER_OS_STACKS=redis,job npm run e2e:stacks
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGuestReport } from '@container-os/qemu';
import { root } from './files.ts';
import { booted, eventually, http, portsFor, tcp, type Guest } from './oci-images/guest.ts';
import { postgres } from './oci-images/postgres.ts';
import { ociWorkspace, type OciWorkspace } from './oci-images/workspace.ts';

const minute = 60_000;
const registry = process.env['TEST_REGISTRY'] ?? '';

interface Stack {
  /** TCP ports of the guest. */
  ports: number[];
  /** What must hold whenever it runs; also how a test waits until it does. */
  answers(port: (guest: number) => number | undefined): Promise<void>;
  /** Gives it something to keep, the `number`th time. It is on the disk when this comes back. */
  write(port: (guest: number) => number | undefined, number: number): Promise<void>;
  /** Whether everything up to `number` is there. */
  kept(port: (guest: number) => number | undefined, number: number): Promise<void>;
}

const STACKS: Record<string, Stack> = {
  'web-api': {
    ports: [8080],
    async answers(port) {
      expect(await http(port(8080))).toContain('The site of the workspace');
      expect(await http(port(8080), '/api/')).toMatch(/^hello from node v\d+/);
    },
    // The web server writes its log into the folder that it serves.
    write: async (port, number) => void (await http(port(8080), `/index.html?visit=${number}`)),
    async kept(port, number) {
      const log = await http(port(8080), '/visits.log');
      // The last one may have been in memory when the power was cut: nginx does not wait for the disk.
      for (let visit = 1; visit < number; visit++) expect(log).toContain(`visit=${visit} `);
    },
  },
  database: {
    ports: [8080, 5432],
    async answers(port) {
      expect(await sql(port(5432), 'SELECT 1')).toBe('1');
      expect(await http(port(8080))).toContain('Welcome to nginx');
    },
    async write(port, number) {
      await sql(port(5432), 'CREATE TABLE IF NOT EXISTS kept (number int PRIMARY KEY, filler text)');
      await sql(port(5432), `INSERT INTO kept VALUES (${number}, repeat('x', 100000))`);
    },
    async kept(port, number) {
      expect(await sql(port(5432), 'SELECT number FROM kept ORDER BY number')).toBe(Array.from({ length: number }, (_, index) => index + 1).join('\n'));
      expect(await sql(port(5432), 'SELECT sum(length(filler)) FROM kept')).toBe(String(number * 100_000));
    },
  },
  redis: {
    ports: [6379],
    answers: async (port) => void expect(await tcp(port(6379), 'PING\r\n', /\r\n/)).toBe('+PONG\r\n'),
    write: async (port, number) => void expect(await tcp(port(6379), `SET kept:${number} ${number}\r\n`, /\r\n/)).toBe('+OK\r\n'),
    async kept(port, number) {
      for (let key = 1; key <= number; key++) expect(await tcp(port(6379), `GET kept:${key}\r\n`, /\r\n.*\r\n/)).toContain(`\r\n${key}\r\n`);
    },
  },
  proxy: {
    ports: [8080],
    async answers(port) {
      expect(await http(port(8080), '/one/')).toBe('site one\n');
      expect(await http(port(8080), '/two/')).toBe('site two\n');
      // A name that no container has.
      await expect(http(port(8080), '/three/')).rejects.toThrow(/50[23]$/);
    },
    write: () => Promise.resolve(),
    kept: () => Promise.resolve(),
  },
  job: {
    ports: [8080],
    answers: async (port) => void expect(await http(port(8080), '/migrations.txt')).toMatch(/^migrated 1 times\n/),
    write: () => Promise.resolve(),
    // The job runs at each boot: those of `number` boots are there, in the database and in the folder.
    kept: async (port, number) =>
      void expect(await http(port(8080), '/migrations.txt')).toBe(Array.from({ length: number }, (_, index) => `migrated ${index + 1} times\n`).join('')),
  },
};

const chosen = (process.env['CONTAINER_OS_STACKS'] ?? 'redis').split(',').flatMap((name) => (name === 'all' ? Object.keys(STACKS) : [name]));
let workspace: OciWorkspace;

beforeAll(() => {
  expect(registry, 'start the test by npm run e2e:oci or e2e:stacks').not.toBe('');
  workspace = ociWorkspace((name) => `${registry}/${name.includes('/') ? name : `library/${name}`}`);
});
afterAll(() => workspace?.remove());

describe.each(chosen)('the stack %s', (name) => {
  const stack = STACKS[name];
  if (!stack) throw new Error(`CONTAINER_OS_STACKS: there is no stack ${name}; stacks: ${Object.keys(STACKS).join(', ')}`);
  const here = portsFor(stack.ports);
  const port = (guest: number): number | undefined => here.get(guest);
  const disk = (): string => join(workspace.cache, `${name}.img`);
  const report = (): string => join(workspace.cache, `${name}.report`);
  const up = (test: (guest: Guest) => Promise<void>, options: { report?: string; limit?: number } = {}): Promise<void> =>
    booted({ iso: workspace.artifact(name, `${name}.iso`), disk: disk(), ports: here, limit: 10 * 60, ...options }, test);
  afterAll(() => rmSync(disk(), { force: true }));

  it('is built', { timeout: 20 * minute }, async () => {
    workspace.add(name, join(root, 'tools/stacks', name));
    const began = performance.now();
    const built = await workspace.nx(`${name}:iso`, { CI: '' });
    expect(built.exitCode, built.output).toBe(0);
    console.log(`${name}: the ISO has ${statSync(workspace.artifact(name, `${name}.iso`)).size} bytes, ${seconds(began)} s`);
  });

  it('answers, and takes what it is to keep', { timeout: 12 * minute }, async () => {
    const began = performance.now();
    await up(async (guest) => {
      await eventually(() => stack.answers(port), 8 * 60);
      console.log(`${name}: answers ${seconds(began)} s after the machine was switched on`);
      await stack.write(port, 1);
      await stack.kept(port, 1);
      await guest.powerOff();
    });
  });

  it("passes the guest's own tests, with what it has kept", { timeout: 30 * minute }, async () => {
    await up((guest) => guest.off(), { report: report(), limit: 25 * 60 });
    const { properties, containers, memory, done, poweroff } = readGuestReport(readFileSync(report(), 'utf8'));
    expect(properties.filter(({ ok }) => !ok)).toEqual([]);
    expect(properties.length).toBeGreaterThan(150);
    expect([done, poweroff]).not.toContain(undefined);
    const times = Object.values(containers).map(({ running }) => running ?? 0);
    console.log(`${name}: ${properties.length} properties hold; ${memory?.usedKiB} KiB in use, all containers run after ${Math.max(...times)} s`);
  });

  it('is whole after that, and after a power cut', { timeout: 20 * minute }, async () => {
    await up(async (guest) => {
      await eventually(() => stack.answers(port), 8 * 60);
      await stack.kept(port, name === 'job' ? 3 : 1);
      await stack.write(port, 2);
      await guest.cut();
    });
    await up(async () => {
      await eventually(() => stack.answers(port), 8 * 60);
      await stack.kept(port, name === 'job' ? 4 : 2);
    });
  });
});

function sql(port: number | undefined, query: string): Promise<string> {
  return postgres(port, 'not-a-secret', query);
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

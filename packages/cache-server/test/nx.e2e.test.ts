// The package as npm publishes it, and the real nx client.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryBody } from './entry-body.ts';
import { startProcess, type ServerProcess } from './process.ts';

const root = join(import.meta.dirname, '../../..');
const scratch = mkdtempSync(join(tmpdir(), 'cache-server-nx-'));
const bin = join(scratch, 'installed/node_modules/.bin/cache-server');
const tokensFile = join(scratch, 'tokens.json');
let server: ServerProcess;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  execFileSync('npm', ['run', '--silent', 'build', '-w', 'packages/cache-server'], { cwd: root });
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: join(root, 'dist/packages/cache-server') }).toString(),
  ) as [{ filename: string }];
  mkdirSync(join(scratch, 'installed'));
  writeFileSync(join(scratch, 'installed/package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', join(scratch, packed.filename)], { cwd: join(scratch, 'installed'), stdio: 'pipe' });
  for (const [name, scope] of [
    ['ci', 'read-write'],
    ['reader', 'read'],
  ] as const) {
    tokens[name] = execFileSync(bin, ['token', 'create', '--tokens', tokensFile, '--name', name, '--scope', scope], { stdio: 'pipe' }).toString().trim();
  }
  server = await startProcess(['--directory', join(scratch, 'store'), '--tokens', tokensFile], [bin]);
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** A workspace with one cached target, which takes nx from this repository. */
function workspace(name: string): string {
  const directory = join(scratch, name);
  mkdirSync(join(directory, 'app'), { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "name": "scratch", "private": true }');
  writeFileSync(join(directory, 'nx.json'), '{ "analytics": false, "neverConnectToCloud": true, "tui": { "enabled": false } }');
  writeFileSync(join(directory, 'app/input'), 'input');
  writeFileSync(
    join(directory, 'app/project.json'),
    JSON.stringify({
      name: 'app',
      targets: {
        build: {
          command: 'echo compiled; mkdir -p dist; cat app/input > dist/out',
          cache: true,
          inputs: ['{projectRoot}/input'],
          outputs: ['{workspaceRoot}/dist'],
        },
        check: { command: 'echo checked', cache: true, inputs: ['{projectRoot}/input'], outputs: [] },
        silent: { command: 'true', cache: true, inputs: ['{projectRoot}/input'], outputs: ['{workspaceRoot}/never'] },
      },
    }),
  );
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

function build(directory: string, token: string, ending = '', target = 'build'): string {
  const env = {
    PATH: process.env['PATH']!,
    HOME: scratch,
    NX_DAEMON: 'false',
    CI: 'true',
    NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `${server.url}${ending}`,
    NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token,
  };
  return execFileSync(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run', `app:${target}`, '--outputStyle=static'], {
    cwd: directory,
    env,
    stdio: 'pipe',
  }).toString();
}

const forget = (directory: string): void => ['.nx', 'dist'].forEach((one) => rmSync(join(directory, one), { recursive: true, force: true }));
const entries = (): string[] => readdirSync(join(scratch, 'store/entries'), { recursive: true, encoding: 'utf8' }).filter((name) => /\d{5,}$/.test(name));

test('the packed package has a command whose help suffices', () => {
  const help = execFileSync(bin, ['--help']).toString();
  expect(help).toContain('Usage: cache-server [command]');
  expect(help).toContain('NX_SELF_HOSTED_REMOTE_CACHE_SERVER');
  expect(execFileSync(bin, ['--version']).toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the built file that the docs name is that command, too', () => {
  const built = 'dist/packages/cache-server/src/main.js';
  expect(execFileSync(process.execPath, [built, '--help'], { cwd: root }).toString()).toContain(`Usage: node ${built} [command]`);
});

test('nx with a read token reads nothing, writes nothing, and its run goes well', () => {
  const directory = workspace('first');
  expect(build(directory, tokens['reader']!)).toContain('compiled');
  expect(entries()).toEqual([]);
});

test('nx with a write token puts, and a clone elsewhere gets with a read token', () => {
  const first = join(scratch, 'first');
  forget(first);
  expect(build(first, tokens['ci']!)).not.toContain('remote cache');
  expect(entries()).toHaveLength(1);
  const other = workspace('another/place/with/a/longer/path');
  expect(build(other, tokens['reader']!)).toContain('remote cache');
  expect(readFileSync(join(other, 'dist/out'), 'utf8')).toBe('input');
});

test('an entry that is damaged in the store is a miss: nx builds again, and its run goes well', () => {
  const [entry] = entries();
  const file = join(scratch, 'store/entries', entry!);
  const whole = readFileSync(file);
  for (const damaged of [whole.subarray(0, 100), Buffer.alloc(0), Buffer.from(whole).fill('x', 20, 30)]) {
    writeFileSync(file, damaged);
    const first = join(scratch, 'first');
    forget(first);
    expect(build(first, tokens['ci']!)).not.toContain('remote cache');
    expect(readFileSync(join(first, 'dist/out'), 'utf8')).toBe('input');
  }
  writeFileSync(file, whole);
});

test('an entry that is there already (409) does not fail the run', async () => {
  const [entry] = entries();
  const hash = entry!.split('/').at(-1)!;
  const again = await fetch(`${server.url}/v1/cache/${hash}`, { method: 'PUT', body: entryBody('x'), headers: { Authorization: `Bearer ${tokens['ci']}` } });
  expect(again.status).toBe(409);
  const first = join(scratch, 'first');
  forget(first);
  expect(build(first, tokens['ci']!)).toContain('remote cache');
});

test.each([
  ['check', '/'], // no outputs
  ['silent', '//'], // no output of any kind
  ['build', '/nx/'],
])('the task %s is put and got by nx whatever ends the address: %s', (target, ending) => {
  const [one, other] = [workspace(`puts-${target}`), workspace(`gets-${target}`)];
  build(one, tokens['ci']!, ending, target);
  expect(build(other, tokens['reader']!, ending, target)).toContain('remote cache');
});

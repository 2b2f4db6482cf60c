import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const directory = mkdtempSync(join(tmpdir(), 'compose-tool-'));
mkdirSync(join(directory, 'shop/src'), { recursive: true });
writeFileSync(join(directory, 'shop/compose.yaml'), 'services: { web: { image: "i:$TAG", profiles: [p] } }\n');
writeFileSync(join(directory, 'shop/compose.override.yaml'), 'services: { web: { tty: true } }\n');
writeFileSync(join(directory, 'shop/wrong.yaml'), 'services:\n  web: { image: i, imagee: j }\n');

/** What `npm run compose -- …` does in a directory below that of the files. */
function compose(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env['PATH'], INIT_CWD: join(directory, 'shop/src'), TAG: 'of-the-process' };
  const script = ['--import', '@swc-node/register/esm-register', 'packages/compose/src/cli.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { cwd: root, env, encoding: 'utf8' });
  return { status, stdout, stderr: stderr.replaceAll(directory, '') };
}

test('the model of the files found above is printed, without a variable of the process', () => {
  const { status, stdout, stderr } = compose('config', '--profile', 'p', '-p', 'mine');
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'warning: /shop/compose.yaml:1:27: TAG: the variable is not set, its place stays empty\n' });
  expect(JSON.parse(stdout)).toMatchObject({ name: 'mine', services: { web: { image: 'i:', tty: true } } });
});

test('a fault is told with its place and what to do, on standard error', () => {
  const { status, stdout, stderr } = compose('config', '../wrong.yaml');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^COMPOSE_UNKNOWN_KEY: \/shop\/wrong\.yaml:2:20: services\.web\.imagee: .*\n {2}hint: .*\n$/);
});

test('check says of each file what an image would do with it, a line of JSON each', () => {
  const { status, stdout, stderr } = compose('check', '--json', '../compose.yaml', '../wrong.yaml', '../none.yaml');
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; result: string; problems: { line: number }[] });
  expect(lines.map(({ file, result, problems }) => `${file} ${result} ${problems.map(({ line }) => line).join()}`)).toEqual([
    '../compose.yaml translated ',
    '../wrong.yaml refused 2',
    '../none.yaml refused 0',
  ]);
  expect(lines[0]).toMatchObject({ incomplete: ['needs a value for TAG'], withoutEffect: [], optOuts: [] });
  expect(compose('check', '../compose.yaml')).toMatchObject({ status: 0, stdout: '../compose.yaml: translated\n  needs a value for TAG\n' });
  expect(compose('check')).toMatchObject({ status: 2 });
});

test('an unknown option or command is no bug', () => {
  expect(compose('config', '--nothing')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^COMPOSE_USAGE: .*--nothing/) as string });
  expect(compose('up')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^COMPOSE_USAGE: there is no command "up"/) as string });
});

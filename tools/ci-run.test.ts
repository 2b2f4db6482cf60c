import { execa } from 'execa';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { globbySync } from 'globby';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from './files.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** The script and all that it starts by `npm run`. */
function started(script: string): string[] {
  const names = [...(scripts[script] ?? '').matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
  return [script, ...names.flatMap(started)];
}

describe('npm test', () => {
  const commands = started('test').map((name) => scripts[name]);

  it('installs nothing but what a build needs', () => {
    expect(commands.filter((command) => /--e2e|s3-server|\binstall\b/.test(command ?? ''))).toEqual([]);
  });

  it('and what it leaves out are different scripts', () => {
    const both = started('test').filter((name) => started('test:rest').includes(name) && name !== 'bootstrap');
    expect(both).toEqual([]);
  });

  it('and what it leaves out run every end-to-end and boot test there is', { timeout: 60_000 }, async () => {
    const config = ['vitest', 'list', '--config', 'vitest.e2e.config.ts', '--filesOnly'];
    const projects = [...started('test'), ...started('test:rest')].flatMap((name) => scripts[name]?.match(/--project=\w+/g) ?? []);
    const { stdout } = await execa('npx', [...config, ...projects], { cwd: root });
    const listed = stdout
      .split('\n')
      .map((line) => line.replace(/^\[\w+\] /, ''))
      .sort();
    // Each of these takes a quarter of an hour and more: npm run e2e:traps, e2e:disk, e2e:foreign.
    const ignore = ['**/node_modules/**', 'tools/{traps,disk,foreign,generators,hosts,prebuilt}.e2e.test.ts'];
    expect(listed).toEqual(globbySync('{tools,packages}/**/*.{e2e,boot}.test.ts', { cwd: root, ignore }).sort());
  });
});

describe('.ci/run', { timeout: 60_000 }, () => {
  let workspace: string;

  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'ci-run-'));
    for (const file of ['.ci/run', 'tools/count-tests.ts', 'tools/files.ts', 'package.json', 'tsconfig.json', 'tsconfig.base.json']) {
      mkdirSync(dirname(join(workspace, file)), { recursive: true });
      cpSync(join(root, file), join(workspace, file));
    }
    symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
    mkdirSync(join(workspace, 'bin'));
  });
  afterEach(() => rmSync(workspace, { recursive: true }));

  /** Runs it with an npm that does what `test` and `rest` say. */
  async function run(test: string, rest: string): Promise<{ exitCode: number | undefined; lines: string[] }> {
    const npm = `#!/bin/sh\necho "> container-os@0.1.0 $2"\nmkdir -p dist/reports dist/os-images/an-os/qemu-test dist/logs/an-os/qemu-machines\ncase $2 in iso) ;; test) ${test} ;; *) ${rest} ;; esac\n`;
    writeFileSync(join(workspace, 'bin/npm'), npm, { mode: 0o755 });
    const { exitCode, stdout } = await execa(join(workspace, '.ci/run'), {
      env: { PATH: `${join(workspace, 'bin')}${delimiter}${process.env['PATH']}` },
      reject: false,
    });
    return { exitCode, lines: stdout.split('\n') };
  }

  const unit = (passed: number, failed: number): string => `echo '{"numPassedTests":${passed},"numFailedTests":${failed},"testResults":[]}'`;

  it('counts the reports, and times each script', async () => {
    const { exitCode, lines } = await run(
      `${unit(3, 0)} >dist/reports/unit.json`,
      `echo '<testcase/><testcase><skipped/></testcase>' >dist/os-images/an-os/qemu-test/junit.xml`,
    );
    expect(lines.at(-1)).toBe('4 passed, 0 failed');
    expect(lines.filter((line) => /^ +\d+ s {2}/.test(line)).map((line) => line.replace(/^ +\d+ s {2}/, ''))).toEqual([
      'start',
      'iso',
      'test',
      'test:rest',
      'in all',
    ]);
    expect(exitCode).toBe(0);
  });

  it('runs the rest after a failure, and fails', async () => {
    const { exitCode, lines } = await run('exit 3', `${unit(5, 0)} >dist/reports/e2e-long.json`);
    expect(lines.at(-1)).toBe('5 passed, 1 failed');
    expect(exitCode).toBe(1);
  });

  it('fails for a boot that failed and left its verdict among the logs', async () => {
    const { exitCode, lines } = await run(
      `${unit(1, 0)} >dist/reports/unit.json`,
      `echo '<testcase><failure/></testcase>' >dist/logs/an-os/qemu-machines/junit.xml; exit 1`,
    );
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(exitCode).toBe(1);
  });

  it('does not count what an earlier run left', async () => {
    await run(`${unit(7, 0)} >dist/reports/unit.json`, `echo '<testcase/>' >dist/os-images/an-os/qemu-test/junit.xml`);
    const { lines } = await run(`${unit(1, 0)} >dist/reports/unit.json`, ':');
    expect(lines.at(-1)).toBe('1 passed, 0 failed');
  });
});

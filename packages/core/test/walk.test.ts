import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { walk } from '../src/walk.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walk-'));
  mkdirSync(join(root, 'web/bin'), { recursive: true });
  const files = { 'bin/tool': '#!/bin/sh\n', 'bin/text': '#!/bin/sh\n', 'bin/untracked': '#!/bin/sh\n', note: 'text' };
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, 'web', path), content, { mode: 0o644 });
  git('init', '--quiet');
  chmodSync(join(root, 'web/bin/tool'), 0o755);
  git('add', 'web/bin/tool', 'web/bin/text');
});

afterEach(() => rmSync(root, { recursive: true }));

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: root });
}

const executables = (): string[] => [...walk(join(root, 'web'))].flatMap((one) => (one.type === 'file' && one.executable ? [one.path] : []));

it('takes modes of the file system', () => {
  chmodSync(join(root, 'web/note'), 0o755);
  expect(executables()).toEqual(['bin/tool', 'note']);
});

it.each([0o777, 0o666])(
  "takes those of git's index where the file system keeps none and all files have %o; what git does not know, by how it begins",
  (mode) => {
    git('config', 'core.fileMode', 'false');
    for (const path of ['bin/tool', 'bin/text', 'bin/untracked', 'note']) chmodSync(join(root, 'web', path), mode);
    expect(executables()).toEqual(['bin/tool', 'bin/untracked']);
  },
);

it('starts no git where git has said that modes count', () => {
  const asked = join(root, 'asked');
  mkdirSync(join(root, 'path'));
  writeFileSync(join(root, 'path/git'), `#!/bin/sh\n: >${asked}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${join(root, 'path')}:${process.env['PATH']}`);
  executables();
  vi.unstubAllEnvs();
  expect(existsSync(asked)).toBe(false);
});

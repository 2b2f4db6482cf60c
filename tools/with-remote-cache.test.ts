import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './files.ts';

test('without the address of a cache the command just runs, and its exit code is the answer', () => {
  const env = { PATH: process.env['PATH'], REMOTE_CACHE_URL: '', NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'secret' };
  const { status, stdout, stderr } = spawnSync(join(root, 'tools/with-remote-cache.sh'), ['sh', '-c', 'echo "$1"; exit 7', '-', 'two words'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: 'two words\n', stderr: 'no remote cache: REMOTE_CACHE_URL is empty\n' });
});

import { execa } from 'execa';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BuildError } from '../src/errors.ts';
import { explainSystemError } from '../src/system-error.ts';

const isRoot = process.getuid?.() === 0;
const error = (code: string, path?: string): Error => Object.assign(new Error(`${code}: of the system`), { code, ...(path === undefined ? {} : { path }) });
const hint = (code: string, places: string[], path?: string): string => (explainSystemError(error(code, path), places) as BuildError).hint ?? '';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'system-error-'));
  vi.stubEnv('CONTAINER_OS_CACHE', join(root, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** What the error says in a process that has a file system of its own at `root`, made with these options of tmpfs. */
async function onTmpfs(options: string): Promise<string> {
  const script = `import { explainSystemError } from ${JSON.stringify(join(import.meta.dirname, '../src/system-error.ts'))};
const { message, hint } = explainSystemError(Object.assign(new Error('full'), { code: 'ENOSPC' }), ['/tmp', '${root}/dist/x']);
console.log(message + ' | ' + hint);`;
  const node = `exec ${process.execPath} --import @swc-node/register/esm-register --input-type=module -e "$SCRIPT"`;
  const shell = `mount -t tmpfs -o ${options} none ${root}; mkdir ${root}/dist; ${node}`;
  const { stdout } = await execa('unshare', ['--mount', 'sh', '-c', shell], { env: { SCRIPT: script } });
  return stdout;
}

describe('no space', () => {
  it.runIf(isRoot)('names the file system that is full, and the cache where that lies on it', async () => {
    expect(await onTmpfs('size=1m')).toMatch(
      new RegExp(
        `^no space left on the device: ${root}/dist/x \\| The file system of ${root}/dist/x has 1\\.05 MB left\\. Free some space there \\(the build cache`,
      ),
    );
    vi.stubEnv('CONTAINER_OS_CACHE', '/var/tmp/elsewhere');
    expect(await onTmpfs('size=1m')).toMatch(/Free some space there, then run the same command again\.$/);
  });

  it.runIf(isRoot)('names inodes where these have run out', async () => {
    expect(await onTmpfs('size=64m,nr_inodes=2')).toContain(`The file system of ${root}/dist/x has no inodes left. Delete files there, however small`);
  });

  it('does not advise to free space where there is enough', () => {
    expect(hint('EDQUOT', [join(root, 'dist')])).toMatch(
      new RegExp(`^Left now that half-written files are removed: \\d.* in ${root}/dist\\. Free more where that is too little, else look at your quota`),
    );
  });
});

describe('no permission', () => {
  it.runIf(isRoot)('says whose the path is, where that is the cause', () => {
    mkdirSync(join(root, 'dist'));
    chmodSync(root, 0o755);
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    expect(hint('EACCES', [], join(root, 'dist/os/x'))).toBe(
      `${root}/dist belongs to user 0, and this is user 1000. Change its owner or remove it, then run the same command again.`,
    );
    vi.restoreAllMocks();
  });

  it('else says what it can be', () => {
    expect(hint('EROFS', [], join(root, 'x'))).toContain(`${root} belongs to the user of this process. Look at its mode, and whether it is mounted read-only`);
    expect(hint('EPERM', [])).toContain('Give yourself access');
  });
});

it('leaves other errors alone, a cache that is refused as well', () => {
  vi.stubEnv('CONTAINER_OS_CACHE', '/no good');
  const other = error('ENOENT');
  expect(explainSystemError(other, [])).toBe(other);
  expect(hint('ENOSPC', [root])).toContain('Left now');
});

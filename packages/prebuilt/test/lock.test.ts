import { describe, expect, it } from 'vitest';
import { parseLock, type LockedArtifact, type PrebuiltLock } from '../src/lock.ts';

const HASH = 'a'.repeat(64);
const KERNEL: LockedArtifact = {
  recipe: HASH,
  manifest: { name: 'linux', version: '6', licence: 'GPL-2.0-only', sources: [], toolchain: {} },
  files: [{ name: 'boot/bzImage', size: 1, sha256: HASH }],
};
const LOCK: PrebuiltLock = { platform: 'vm-amd64', version: '1.0.0', artifacts: { kernel: KERNEL } };
const parse = (lock: unknown): PrebuiltLock => parseLock('prebuilt.lock.json', typeof lock === 'string' ? lock : JSON.stringify(lock), 'vm-amd64');
const withFile = (file: object): object => ({ ...LOCK, artifacts: { kernel: { ...KERNEL, files: [{ ...KERNEL.files[0], ...file }] } } });

it('reads a lock file', () => {
  expect(parse(LOCK)).toEqual(LOCK);
});

describe('refuses', () => {
  it.each<[string, unknown, string]>([
    ['what is no JSON', '{', 'not JSON'],
    ['null', 'null', 'expected an object'],
    ['another platform', { ...LOCK, platform: 'vm-arm64' }, 'platform is "vm-arm64", expected "vm-amd64"'],
    ['no artifacts', { ...LOCK, artifacts: undefined }, 'has no artifacts'],
    ['an origin that is no URL', { ...LOCK, origin: '/srv' }, 'origin is "/srv", expected a URL'],
    ['a number that is none', { ...LOCK, serial: '7' }, 'serial is "7", expected a whole number above 0'],
    ['the number 0', { ...LOCK, serial: 0 }, 'serial is 0, expected a whole number above 0'],
    ['half a number', { ...LOCK, serial: 1.5 }, 'serial is 1.5, expected a whole number above 0'],
    ['an artifact without files', { ...LOCK, artifacts: { kernel: { ...KERNEL, files: [] } } }, 'artifact "kernel" has no files'],
    ['an artifact without a recipe', { ...LOCK, artifacts: { kernel: { ...KERNEL, recipe: 'x' } } }, 'artifact "kernel" has recipe "x"'],
    ['a short digest', withFile({ sha256: 'abc' }), 'sha256 "abc", expected 64 lower-case hex digits'],
    ['capitals in a digest', withFile({ sha256: HASH.toUpperCase() }), 'expected 64 lower-case hex digits'],
    ['no size', withFile({ size: undefined }), 'has size undefined, expected bytes'],
    ['a path that leads out', withFile({ name: '../bzImage' }), 'expected a path inside of the artifact'],
    ['a path that leads out later', withFile({ name: 'a/../../bzImage' }), 'expected a path inside of the artifact'],
    ['an absolute path', withFile({ name: '/etc/passwd' }), 'expected a path inside of the artifact'],
    ['the name of a record of the build', withFile({ name: 'task-hash' }), 'expected a path inside of the artifact'],
  ])('%s', (_, lock, message) => {
    expect(() => parse(lock)).toThrow(expect.objectContaining({ code: 'LOCK_INVALID', message: expect.stringContaining(message) as string }));
  });
});

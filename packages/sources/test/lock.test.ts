import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeChange } from '../src/changes.ts';
import { readLock, writeLock, type Lock, type Pin } from '../src/lock.ts';
import { manifestSources, readReceipt } from '../src/receipt.ts';
import { failure } from './fixtures/context.ts';

const directory = mkdtempSync(join(tmpdir(), 'sources-lock-'));
const file = join(directory, 'lock.json');
afterAll(() => rmSync(directory, { recursive: true }));

const PIN: Pin = { version: '1', licence: 'MIT', files: [{ name: 'a.deb', sha256: 'a'.repeat(64), origin: 'debian:pool/a.deb' }] };
const lockOf = (change: object): Lock => ({ channel: 'debian', sources: { thing: { ...PIN, ...change } } });

describe('a lock file', () => {
  it.each([
    ['channel is "upstream", expected "debian"', { ...lockOf({}), channel: 'upstream' }],
    ['source "thing" has no version', lockOf({ version: undefined })],
    ['source "thing" has no files', lockOf({ files: [] })],
    ['a.deb of source "thing" has sha256 "undefined", expected 64 lower-case hex digits', lockOf({ files: [{ ...PIN.files[0], sha256: undefined }] })],
    [
      'a.deb of source "thing" has origin "/a.deb", expected a URL, debian:<path> or debian-security:<path>',
      lockOf({ files: [{ ...PIN.files[0], origin: '/a.deb' }] }),
    ],
    ['source "thing": debian.with needs debian.kind archive, got source', lockOf({ debian: { kind: 'source', with: ['other'] } })],
    ['source "thing": debian.kind is "binary", expected program, archive or source', lockOf({ debian: { kind: 'binary' } })],
  ])('is refused: %s', async (fault, lock) => {
    writeFileSync(file, JSON.stringify(lock));
    expect(await failure(readLock(file, 'debian'))).toMatchObject({ code: 'LOCK_INVALID', message: `${file}: ${fault}` });
  });

  it('that is no JSON, or not there, is refused', async () => {
    writeFileSync(file, '{');
    expect((await failure(readLock(file, 'debian'))).message).toContain(`${file}: not JSON: `);
    expect((await failure(readLock(join(directory, 'none'), 'debian'))).code).toBe('LOCK_INVALID');
  });

  it('is read as it was written, in one piece', async () => {
    await writeLock(file, lockOf({}));
    expect(await readLock(file, 'debian')).toEqual(lockOf({}));
    expect(readdirSync(directory)).toEqual(['lock.json']);
    expect(readFileSync(file, 'utf8').endsWith('}\n')).toBe(true);
  });
});

describe('a change of pins', () => {
  it('shows versions, and the files that went and came', () => {
    const now = { version: '2', files: [...PIN.files, { name: 'b.deb', sha256: 'b'.repeat(64), origin: 'debian:pool/b.deb' }] };
    expect(describeChange('thing', PIN, now)).toEqual(['thing 1 → 2', `  + b.deb  ${'b'.repeat(64)}`]);
    expect(describeChange('thing', now, { ...PIN, version: '2' })).toEqual(['thing 2', `  - b.deb  ${'b'.repeat(64)}`]);
  });

  it('is none where the files are the same', () => {
    expect(describeChange('thing', PIN, { ...PIN })).toEqual([]);
  });
});

it('a manifest lists Debian packages under their own name and version, other files under those of the source', () => {
  const files = ['runc_1.3.6+ds1-1_amd64.deb', 'libgmp10_2:6.3.0+dfsg-5_amd64.deb', 'runc.amd64'].map((name) => ({ name, sha256: '0', origin: 'o' }));
  const listed = manifestSources({ name: 'runc', version: '1.3.6', licence: 'Apache-2.0', channel: 'debian', files });
  expect(listed.map(({ name, version }) => `${name} ${version}`)).toEqual(['runc 1.3.6+ds1-1', 'libgmp10 2:6.3.0+dfsg-5', 'runc 1.3.6']);
});

it('a receipt that is not there is SOURCE_UNKNOWN', async () => {
  expect(await failure(readReceipt(directory, 'nftables'))).toMatchObject({
    code: 'SOURCE_UNKNOWN',
    message: `no receipt of source "nftables" in ${directory}`,
  });
  // The lock file may have it: nobody has looked there.
  expect(await failure(readReceipt(join(directory, 'none'), 'nftables'))).toMatchObject({ code: 'ARTIFACT_MISSING' });
});

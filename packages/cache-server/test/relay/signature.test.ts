import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isSignedBy, readKeys, signEntry } from '../../src/relay/signature.ts';

const directory = mkdtempSync(join(tmpdir(), 'relay-keys-'));
const team = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const SHA256 = 'ab'.repeat(32);

function pem(name: string, ...keys: (typeof team.publicKey)[]): string {
  const file = join(directory, name);
  writeFileSync(file, keys.map((key) => key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' })).join(''));
  return file;
}

it('a signature holds for its hash and its body only, under any of the trusted keys', () => {
  const { trusted, signing } = readKeys(pem('trusted.pem', other.publicKey, team.publicKey), pem('signing.pem', team.privateKey));
  const signature = signEntry(signing!, '123', SHA256);
  expect(isSignedBy(trusted, '123', SHA256, signature)).toBe(true);
  expect(isSignedBy(trusted, '124', SHA256, signature)).toBe(false);
  expect(isSignedBy(trusted, '123', 'ac'.repeat(32), signature)).toBe(false);
  expect(isSignedBy([other.publicKey], '123', SHA256, signature)).toBe(false);
  expect(isSignedBy(trusted, '123', SHA256, '')).toBe(false);
});

it('a file that is no Ed25519 key is refused by name, without its content', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(() => readKeys(pem('rsa.pem', rsa.publicKey), undefined)).toThrow(/rsa\.pem has no Ed25519 public key/);
  expect(() => readKeys(undefined, join(directory, 'absent.pem'))).toThrow(/absent\.pem.*ENOENT/);
  const secret = join(directory, 'secret.pem');
  writeFileSync(secret, 'hunter2');
  expect(() => readKeys(undefined, secret)).toThrow(/^(?!.*hunter2).*secret\.pem/);
});

import { expect, it } from 'vitest';
import { isSecret } from '../src/secret.ts';

it.each<[string, string?]>([
  ['TOKEN'],
  ['DB_PASSWORD'],
  ['PGPASSWORD'],
  ['smtp_pass'],
  ['API_KEY'],
  ['APIKEY'],
  ['SECRET_KEY_BASE'],
  ['DATABASE_URL', 'postgres://app:s3cr3t@db/app'],
  ['BROKER', 'redis://:s3cr3t@redis:6379/0'],
])('%s is a secret (%s)', (name, value) => expect(isSecret(name, value)).toBe(true));

it.each([
  ['HOST', '0.0.0.0'],
  ['PORT', '3000'],
  ['POSTGRES_PASSWORD_FILE', '/run/secrets/db'],
  ['MONKEY', 'a'],
  ['COMPASS', 'north'],
  ['ROOT_URL', 'https://example.com:8443/a@b'],
  ['DATABASE_URL', 'postgres://app@db/app'],
])('%s is none (%s)', (name, value) => expect(isSecret(name, value)).toBe(false));

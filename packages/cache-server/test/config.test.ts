import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config/config.ts';
import { helpText } from '../src/config/help.ts';
import { flagOf, schema, variableOf } from '../src/config/options.ts';
import { parseDuration, parseSize } from '../src/config/units.ts';

function file(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'cache-server-config-')), 'config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('flags win over environment over file over defaults', () => {
  const argv = ['--config', file({ port: 1, maxSize: '1GB', host: '127.0.0.2' }), '--port', '3'];
  const { settings } = loadConfig('serve', argv, { CACHE_SERVER_PORT: '2', CACHE_SERVER_MAX_SIZE: '2GB' });
  expect([settings.port, settings.maxSize, settings.host, settings.maxAge]).toEqual([3, '2GB', '127.0.0.2', '30d']);
});

test('an unknown option is named with the nearest known one, wherever it stands', () => {
  expect(() => loadConfig('serve', ['--max-sise', '1'], {})).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN', hint: 'Did you mean --max-size?' }));
  expect(() => loadConfig('serve', [], { CACHE_SERVER_PROT: '1' })).toThrow(expect.objectContaining({ hint: 'Did you mean CACHE_SERVER_PORT?' }));
  expect(() => loadConfig('serve', ['--config', file({ maxsize: 1 })], {})).toThrow(expect.objectContaining({ hint: 'Did you mean maxSize?' }));
});

test('a wrong value is named with its place and what is expected', () => {
  expect(() => loadConfig('serve', ['--max-size', 'much'], {})).toThrow(/^--max-size must be a size such as/);
  expect(() => loadConfig('serve', [], { CACHE_SERVER_MAX_AGE: '5 weeks' })).toThrow(/^CACHE_SERVER_MAX_AGE must be a duration such as/);
  expect(() => loadConfig('serve', ['--store', 'ftp'], {})).toThrow(/^--store must be one of file, s3/);
  expect(() => loadConfig('serve', ['--port', 'x'], {})).toThrow(/^--port must be integer/);
});

test('sizes are of 1024, durations have a unit', () => {
  expect([parseSize('10GB'), parseSize('512'), parseSize('1.5KB')]).toEqual([10_737_418_240, 512, 1536]);
  expect([parseDuration('10min'), parseDuration('7d'), parseDuration('0')]).toEqual([600_000, 604_800_000, 0]);
  for (const bad of ['', '10', '-1s', '1 h', '1m']) expect(() => parseDuration(bad)).toThrow();
  for (const bad of ['', '-1', '1XB', '1e9', 'GB']) expect(() => parseSize(bad)).toThrow();
});

test('help lists every option of a command', () => {
  for (const [name, { commands }] of Object.entries(schema.properties))
    for (const command of commands) expect(helpText(command)).toContain(`--${flagOf(name)}`);
});

test('an option has one name in each place', () => {
  expect([flagOf('s3Bucket'), variableOf('s3Bucket'), flagOf('maxEntrySize'), variableOf('maxEntrySize')]).toEqual([
    's3-bucket',
    'CACHE_SERVER_S3_BUCKET',
    'max-entry-size',
    'CACHE_SERVER_MAX_ENTRY_SIZE',
  ]);
});

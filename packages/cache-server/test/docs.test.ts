import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config/config.ts';
import { COMMANDS, helpText } from '../src/config/help.ts';
import { programName } from '../src/config/program.ts';

const BUILT = 'node dist/packages/cache-server/src/main.js';
const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', file), 'utf8');

/** The command lines in `text` that start this program as `program`. */
function commandsIn(text: string, program: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line.startsWith(`${program} `))
    .map((line) => line.slice(program.length + 1).split(' '));
}

test.each([
  ['README.md', 'cache-server', 6],
  ['docs/relay.md', BUILT, 1],
  ['--help', programName(), 4],
])('every command of %s exists, with its options', (file, program, count) => {
  const found = commandsIn(file === '--help' ? helpText() : read(file), program);
  expect(found).toHaveLength(count);
  for (const [command = '', ...args] of found) {
    expect(COMMANDS).toHaveProperty(command);
    const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
    expect(() => loadConfig(command, own, {}), `${command} ${args.join(' ')}`).not.toThrow();
  }
});

test('hints name the program as it was started', () => {
  expect(programName(join(process.cwd(), 'dist/packages/cache-server/src/main.js'))).toBe(BUILT);
  expect(programName('/usr/local/bin/cache-server')).toBe('cache-server');
});

import { expect, it } from 'vitest';
import { BuildError, formatError } from '../src/index.ts';

it('shows the code and message, then cause, hint and log, each on its line', () => {
  const error = new BuildError('CHECKSUM_MISMATCH', 'linux.tar.xz: expected sha256 aa, got bb', {
    cause: new Error('short read'),
    hint: 'Delete the file.',
    logFile: '/tmp/fetch.log',
  });
  expect(formatError(error)).toMatchInlineSnapshot(`
    "CHECKSUM_MISMATCH: linux.tar.xz: expected sha256 aa, got bb
      cause: short read
      hint:  Delete the file.
      log:   /tmp/fetch.log"
  `);
});

it('shows only what there is', () => {
  expect(formatError(new BuildError('DISK_FULL', 'no space left'))).toBe('DISK_FULL: no space left');
});

it('does not repeat a cause that the message already has', () => {
  expect(formatError(new BuildError('NO_NETWORK', 'connect ECONNREFUSED', { cause: new Error('connect ECONNREFUSED') }))).toBe(
    'NO_NETWORK: connect ECONNREFUSED',
  );
});

it('a bug keeps its stack', () => {
  expect(formatError(new TypeError('x is undefined'))).toMatch(/^BUG: TypeError: x is undefined\n {4}at /);
  expect(formatError('thrown text')).toBe('BUG: thrown text');
});

import { expect, it } from 'vitest';
import { thatCount } from '../src/hasher.ts';

it('who compiles is not hashed, unless it is a program that nobody knows', () => {
  const options = { fragments: ['a.config'] };
  expect(thatCount(options)).toEqual(options);
  expect(thatCount({ ...options, compilerLauncher: 'ccache distcc' })).toEqual(options);
  expect(thatCount({ ...options, compilerLauncher: '/opt/launcher' })).toEqual({ ...options, compilerLauncher: '/opt/launcher' });
});

import { expect, it } from 'vitest';
import { hashedOptions } from '../src/hasher.ts';

it('who compiles is not hashed, unless it is a program that nobody knows', () => {
  const options = { fragments: ['a.config'] };
  expect(hashedOptions(options)).toEqual(options);
  expect(hashedOptions({ ...options, compilerLauncher: 'ccache distcc' })).toEqual(options);
  expect(hashedOptions({ ...options, compilerLauncher: '/opt/launcher' })).toEqual({ ...options, compilerLauncher: '/opt/launcher' });
});

import { expect, it } from 'vitest';
import { signalOf } from '../src/signal.ts';

it.each([
  ['SIGTERM', 'SIGTERM'],
  ['term', 'SIGTERM'],
  ['3', 'SIGQUIT'],
  ['28', 'SIGWINCH'],
  ['SIGRTMIN+3', '37'],
  ['rtmax-1', '63'],
  ['SIGRTMIN', '34'],
  ['37', '37'],
  ['0', undefined],
  ['65', undefined],
  ['SIGRTMIN+40', undefined],
  ['SIGNOPE', undefined],
  ['', undefined],
])('%s is %s', (text, signal) => {
  expect(signalOf(text)).toBe(signal);
});

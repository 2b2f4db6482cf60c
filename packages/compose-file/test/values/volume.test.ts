import { expect, test, vi } from 'vitest';
import { parseVolume } from '../../src/values/volume.ts';

const place = { file: 'f', line: 1, column: 1 };
const bind = { create_host_path: true };

test.each([
  ['./x:/d', { type: 'bind', source: './x', target: '/d', bind }],
  ['~/a:/h', { type: 'bind', source: '~/a', target: '/h', bind }],
  ['.h:/z', { type: 'bind', source: '.h', target: '/z', bind }],
  ['./a b:/x y', { type: 'bind', source: './a b', target: '/x y', bind }],
  ['data/x:/d', { type: 'volume', source: 'data/x', target: '/d', volume: {} }],
  ['a.b:/d', { type: 'volume', source: 'a.b', target: '/d', volume: {} }],
  ['C:/x:/d', { type: 'bind', source: 'C:/x', target: '/d', bind }],
  ['c:\\x:d:\\y:ro', { type: 'bind', source: 'c:\\x', target: 'd:\\y', read_only: true, bind }],
  ['\\\\srv\\x:/d', { type: 'bind', source: '\\\\srv\\x', target: '/d', bind }],
  ['/data', { type: 'volume', target: '/data', volume: {} }],
  ['/d', { type: 'volume', target: '/d' }],
])('trap 46: %s', (text, expected) => {
  expect(parseVolume(text, place)).toEqual(expected);
});

test.each([
  ['/a:/b:ro,z', { type: 'bind', source: '/a', target: '/b', read_only: true, bind: { selinux: 'z', ...bind } }],
  ['/a:/b:ro,rw', { type: 'bind', source: '/a', target: '/b', bind }],
  ['/a:/b:rslave', { type: 'bind', source: '/a', target: '/b', bind: { propagation: 'rslave', ...bind } }],
  ['vol:/d:nocopy', { type: 'volume', source: 'vol', target: '/d', volume: { nocopy: true } }],
  ['vol:/d:z', { type: 'volume', source: 'vol', target: '/d', bind: { selinux: 'z' }, volume: {} }],
  ['/a//b/:/c/../d//e/', { type: 'bind', source: '/a//b/', target: '/d/e', bind }],
])('trap 48: options of %s', (text, expected) => {
  expect(parseVolume(text, place)).toEqual(expected);
});

test('trap 48: an option that nobody knows has no effect and is told', () => {
  const warn = vi.fn();
  expect(parseVolume('/a:/c:foo,cached,ro', place, warn)).toEqual({ type: 'bind', source: '/a', target: '/c', read_only: true, bind });
  expect(warn.mock.calls).toEqual([[place, 'volume "/a:/c:foo,cached,ro": option foo is unknown and has no effect']]);
});

test.each([
  ['/a:/b:ro:z', 'expected at most three parts between colons'],
  ['vol:', 'a part between colons is empty'],
  [':/d', 'a part between colons is empty'],
  ['n:/d', 'n: would be a Windows drive, not the volume n'],
  ['n:/d:ro', 'n: would be a Windows drive, not the volume n'],
])('traps 47 and 48: %s is refused', (text, reason) => {
  expect(() => parseVolume(text, place)).toThrow(`f:1:1: volume "${text}": ${reason}`);
});

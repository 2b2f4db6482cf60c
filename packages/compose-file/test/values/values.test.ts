import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDevice } from '../../src/values/device.ts';
import { formatDuration, parseDuration } from '../../src/values/duration.ts';
import { parseExtraHost } from '../../src/values/extra-host.ts';
import { isIp } from '../../src/values/ip.ts';
import { parseSize } from '../../src/values/size.ts';

const place = { file: 'f', line: 1, column: 1 };

test.each([
  ['1.5m', '1m30s'],
  ['1d', '24h0m0s'],
  ['1w1d', '192h0m0s'],
  ['1s1m', '1m1s'],
  ['.5s', '500ms'],
  ['-1d', '-24h0m0s'],
  ['0', '0s'],
  ['1001us', '1.001ms'],
  ['1μs', '1µs'],
  ['0.5ns', '0s'],
  ['9223372036s', '2562047h47m16s'],
  ['1.23456789s', '1.23456789s'],
])('trap 61: the duration %s is %s', (text, formatted) => {
  expect(formatDuration(parseDuration(text, place))).toBe(formatted);
});

test.each(['30', '', 's', '00', '1 s', '1S', '1y', '1h-1m', '1_0s', '9223372037s', '1min', '.s'])('trap 61: %j is no duration', (text) => {
  expect(() => parseDuration(text, place)).toThrow(`f:1:1: expected a duration of at most 292 years, got "${text}"`);
});

test('a duration that was formatted reads as the same', () => {
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n - 1n), 2n ** 63n - 1n), (duration) => parseDuration(formatDuration(duration), place) === duration));
});

test.each([
  ['1.5g', 1610612736n],
  ['64 mb', 67108864n],
  ['1KiB', 1024n],
  ['1b', 1n],
  ['1.9', 1n],
  ['.5k', 512n],
  ['1e3k', 1024000n],
  ['1_0', 10n],
  ['+1', 1n],
  ['0', 0n],
  ['1 ', 1n],
])('trap 70: the size %j', (text, bytes) => {
  expect(parseSize(text, place)).toBe(bytes);
});

test.each(['1x', '1e', '-1', '', 'k', '1ki', '1kbb', '0x10', '1  k', ' 1', '1,000', '9223372036854775808', '1000000000000g'])(
  'trap 70: %j is no size',
  (text) => {
    expect(() => parseSize(text, place)).toThrow(`f:1:1: expected a size below 8192 pebibytes, got "${text}"`);
  },
);

test('trap 76: hosts are separated from addresses by the first = or else :, and brackets go', () => {
  expect(['b:::1', 'c:[::2]', 'a=2.2.2.2', 'h:host-gateway', 'd:1.1.1.1,[::3]'].map((text) => Object.values(parseExtraHost(text, place)).flat())).toEqual([
    ['b', '::1'],
    ['c', '::2'],
    ['a', '2.2.2.2'],
    ['h', 'host-gateway'],
    ['d', '1.1.1.1', '::3'],
  ]);
  for (const text of ['a', '', ':1.1.1.1', '=1', 'a:b=1']) expect(() => parseExtraHost(text, place)).toThrow(`f:1:1: expected name=address, got "${text}"`);
});

test('trap 80: devices', () => {
  expect(parseDevice('/dev/a:/dev/b', place)).toEqual({ source: '/dev/a', target: '/dev/b', permissions: 'rwm' });
  expect(parseDevice('/dev/a::r', place)).toEqual({ source: '/dev/a', target: '/dev/a', permissions: 'r' });
  expect(parseDevice('/dev/a::', place)).toEqual({ source: '/dev/a', target: '/dev/a', permissions: '' });
  expect(parseDevice('v/c=d', place)).toEqual({ source: 'v/c=d', target: 'v/c=d', permissions: 'rwm' });
  expect(() => parseDevice('/a:/b:c:d', place)).toThrow('f:1:1: device "/a:/b:c:d": expected source[:target[:permissions]]');
});

test('addresses', () => {
  expect(['1.2.3.4', '::', '::1', 'FE80::1', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8'].filter((text) => !isIp(text))).toEqual([]);
  expect(
    ['1.2.3', '01.2.3.4', '256.1.1.1', 'fe80::1%eth0', '1::2::3', ':::', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', ':1', '12345::', 'a', ''].filter(isIp),
  ).toEqual([]);
});

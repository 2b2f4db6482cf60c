import { expect, test } from 'vitest';
import { parsePort } from '../../src/values/port.ts';

const place = { file: 'f', line: 1, column: 1 };
const short = (text: string): string[] =>
  parsePort(text, place).map(({ host_ip, published, target, protocol }) => `${host_ip ?? '-'} ${published ?? '-'} ${target} ${protocol}`);

test('the long form has the mode that the reference adds', () => {
  expect(parsePort('80', place)).toEqual([{ mode: 'ingress', target: 80, protocol: 'tcp' }]);
});

test.each<[string, string[]]>([
  ['90-91:92-93', ['- 90 92 tcp', '- 91 93 tcp']],
  ['90-95:80', ['- 90-95 80 tcp']],
  ['3000-3001', ['- - 3000 tcp', '- - 3001 tcp']],
  ['98-101:8-11', ['- 100 10 tcp', '- 101 11 tcp', '- 98 8 tcp', '- 99 9 tcp']],
  ['90-90:80-80', ['- 90 80 tcp']],
  ['0:80', ['- 0 80 tcp']],
  ['080:080', ['- 80 80 tcp']],
  [':80', ['- - 80 tcp']],
])('trap 44: ranges of %s', (text, expected) => {
  expect(short(text)).toEqual(expected);
});

test.each<[string, string[]]>([
  ['127.0.0.1::86', ['127.0.0.1 - 86 tcp']],
  ['[::1]:94:95', ['::1 94 95 tcp']],
  ['53:53/udp', ['- 53 53 udp']],
  ['80/TCP', ['- - 80 tcp']],
  ['80/', ['- - 80 tcp']],
  ['22:22', ['- 22 22 tcp']],
])('traps 21 and 45: address and protocol of %s', (text, expected) => {
  expect(short(text)).toEqual(expected);
});

test.each([
  ['90-91:80-82', '2 ports of the host for 3 of the container'],
  ['90:80-81', '1 ports of the host for 2 of the container'],
  ['::1:94:95', 'expected an address, got "::1"'],
  ['localhost:80:80', 'expected an IP address, got "localhost"'],
  ['[::1]:80', 'expected an address, got "[:"'],
  ['80/foo', 'expected tcp, udp or sctp after the /, got "foo"'],
  ['80/tcp/udp', 'expected one protocol'],
  ['65536', 'expected a port of the container from 0 to 65535 or a range of two, got "65536"'],
  ['1-2-3', 'expected a port of the container from 0 to 65535 or a range of two, got "1-2-3"'],
  ['2-1', 'expected a port of the container from 0 to 65535 or a range of two, got "2-1"'],
  ['a:80', 'expected a port of the host from 0 to 65535 or a range of two, got "a"'],
  ['80:', 'expected a port of the container from 0 to 65535 or a range of two, got ""'],
  ['80:0', '0 is no port of a container'],
])('traps 44 and 45: %s is refused', (text, reason) => {
  expect(() => parsePort(text, place)).toThrow(`f:1:1: port "${text}": ${reason}`);
});

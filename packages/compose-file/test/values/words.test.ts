import { expect, test } from 'vitest';
import type { ComposeError } from '../../src/errors.ts';
import { splitWords } from '../../src/values/words.ts';

const place = { file: 'compose.yaml', line: 4, column: 14 };

test.each<[string, string[]]>([
  ['a\\ b "c\nd" \'\' x#y', ['a b', 'c\nd', '', 'x#y']],
  ['a\n  b\tc\r\nd', ['a', 'b', 'c', 'd']],
  ['', []],
  ['""', ['']],
  ['"a"\'b\'c "" \'\'', ['abc', '', '']],
  ['a "b\\"c\\d" \'e\\f\'', ['a', 'b"cd', 'e\\f']],
  ['a\\nb \\"c\\" d\\\\e', ['anb', '"c"', 'd\\e']],
  ['a\\;b "c;d" \'e|f\' "(" \\)', ['a;b', 'c;d', 'e|f', '(', ')']],
  ['a $(b c) d `e f`', ['a', '$(b c)', 'd', '`e f`']],
  ['# $b {c} * ~ A=1', ['#', '$b', '{c}', '*', '~', 'A=1']],
  ['a\u00A0b', ['a\u00A0b']],
])('traps 6 and 55: %j is split as by the reference', (text, words) => {
  expect(splitWords(text, place)).toEqual(words);
});

test.each(['a && b', '--u=h/?a=1&b=2', 'a; b', 'a | b', 'a > b', 'a < b', 'a;', '&'])(
  'trap 54: %j, of which the reference drops a part, is refused',
  (text) => {
    const refused = (): string[] => splitWords(text, place);
    expect(refused).toThrow(/^compose.yaml:4:14: no shell reads a command: [&;|<>] and what follows would be dropped$/);
  },
);

test('trap 54: the hint is the list to write', () => {
  try {
    splitWords('a "b" && c', place);
  } catch (error) {
    expect((error as ComposeError).hint).toContain('["sh", "-c", "a \\"b\\" && c"]');
  }
  expect.assertions(1);
});

test.each(['"a', "'a", 'a\\', '(a)', 'a(b', 'a)b', 'a `b', '$((1))', '"\\"'])('traps 54 and 55: %j is refused', (text) => {
  expect(() => splitWords(text, place)).toThrow(/^compose.yaml:4:14: (no shell reads a command: \( has no meaning|the command ends after an open .)$/);
});

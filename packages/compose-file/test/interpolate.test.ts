import { expect, test, vi } from 'vitest';
import { interpolate } from '../src/interpolate/interpolate.ts';
import { interpolateTree } from '../src/interpolate/tree.ts';
import { parseYaml } from '../src/yaml/parse.ts';
import { plain } from './plain.ts';

const VARIABLES: Record<string, string> = { A: 'v$a', E: '' };
const lookup = (name: string): string | undefined => VARIABLES[name];
const place = { file: 'compose.yaml', line: 2, column: 3 };
const expand = (text: string): string => interpolate(text, lookup, place, () => {});

// U is not set, E is empty. The expected values are the reference's.
test.each([
  ['$$A', '$A'],
  ['a$', 'a$'],
  ['$5 $(id) $? $é', '$5 $(id) $? $é'],
  ['$$$A $$$$A', '$v$a $$A'],
  ['$A ${A} $A.x $Aé', 'v$a v$a v$a.x v$aé'],
  ['${A:-d} ${A-d} ${A:+x} ${A+x}', 'v$a v$a x x'],
  ['${E:-d} ${E-d} ${E:+x} ${E+x}', 'd   x'],
  ['${U:-d} ${U-d} ${U:+x} ${U+x}', 'd d  '],
  ['${A:?m} ${A?m} ${E?m}', 'v$a v$a '],
  ['{{ ${U:-${V:-n}} }}', '{{ n }}'],
  ['${U:-{"k":1}}', '{"k":1}'],
  ['${U:-{{.A}}}', '{{.A}}'],
  ['${U:-a}b}', 'ab}'],
  ['${U:-{}', '{'],
  ['${U:-}}', '}'],
  ['${U:-$A} ${U:-$$A} ${U:-$}', 'v$a $A $'],
  ['${U-a:-b} ${U:-:?x}', 'a:-b :?x'],
  ['${U-a}\n${A-b}', 'a\nv$a'],
])('traps 1-3 and 8: %s', (text, expected) => {
  expect(expand(text)).toBe(expected);
});

test.each(['${}', '${A B}', '${A/x/y}', '${A', '${ A }', '${1}', '${U:}', '${U:=x}', '${#A}', '${$A}', '${A:-${}}', '${U:-{}}${A}', '${U:-a\nb}', '${\nA}'])(
  'trap 1: %j is malformed',
  (text) => {
    expect(() => expand(text)).toThrow(/^compose.yaml:2:3: \$\{.*expected \$\{NAME\}/s);
  },
);

test('trap 4: a required variable shows its message, which is interpolated, and counts in a branch that is not taken', () => {
  expect(() => expand('i:${U:?set $A}')).toThrow('compose.yaml:2:3: required variable U has no value: set v$a');
  expect(() => expand('${E:?}')).toThrow('required variable E has no value');
  expect(() => expand('${A-${U?x}}')).toThrow('required variable U has no value: x');
});

test('a variable that is not set gives a warning, unless an operator says what then', () => {
  const warn = vi.fn();
  expect(interpolate('a${U}b$U${U-}${U+x}', lookup, place, warn)).toBe('ab');
  expect(warn.mock.calls).toEqual(Array(2).fill([place, 'U: the variable is not set, its place stays empty']));
});

test('trap 5: values and list items are interpolated, keys are not, and what results is a string', () => {
  const [root] = parseYaml('"${A}": ["${A}=1", 5, $E, yes]\nx-a: &a ${E-no}\nx-b: *a\n', 'f');
  const tree = interpolateTree(root!, lookup, () => {});
  expect(plain(tree)).toEqual({ '${A}': ['v$a=1', 5n, '', 'yes'], 'x-a': '', 'x-b': '' });
});

test('a scalar tells which variables it asked for', () => {
  const [root] = parseYaml('${A:-$U}', 'f');
  expect(interpolateTree(root!, lookup, () => {})).toMatchObject({ value: 'v$a', variables: ['U', 'A'], place: { line: 1, column: 1 } });
});

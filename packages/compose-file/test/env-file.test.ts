import { expect, test, vi } from 'vitest';
import type { ComposeError } from '../src/errors.ts';
import { parseEnvFile, type EnvFileOptions } from '../src/env-file/parse.ts';

const lookup = (name: string): string | undefined => ({ X: 'vx' })[name];

function read(text: string, options: Partial<EnvFileOptions> = {}): Record<string, string> {
  const entries = parseEnvFile(text, 'e', lookup, { warn: () => {}, ...options });
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, value]));
}

function refusal(text: string, options: Partial<EnvFileOptions> = {}): string {
  try {
    read(text, options);
  } catch (error) {
    expect((error as ComposeError).hint).toBeTruthy();
    return (error as Error).message;
  }
  throw new Error(`taken: ${text}`);
}

// The expected values are what the reference makes of the file as env_file.
test.each<[string, Record<string, string>]>([
  ["A='$X'", { A: '$X' }],
  ['A="a\\nb\\t\\"c\\"\\\\"', { A: 'a\nb\t"c"\\' }],
  ['A=a\\nb', { A: 'a\\nb' }],
  ["A='it\\'s'", { A: "it's" }],
  ['A="\\0101 \\012 \\0 \\c \\q \\u0041"', { A: 'A \\12 \\ \\c \\q \\u0041' }],
  ["A='a\\tb'", { A: 'a\\tb' }],
  ['A="x\ny # no comment"\nB=2', { A: 'x\ny # no comment', B: '2' }],
  ["A=a'b'\nB=a\"b", { A: "a'b'", B: 'a"b' }],
  ['A="x" B="y"', { A: 'x', B: 'y' }],
])('trap 10: quotes in %j', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test('trap 10: what the reference loses after a closing quote is refused', () => {
  expect(refusal('A="a"b\n')).toBe('e:1:1: text after the closing " would be lost');
  expect(refusal('B=1\nA="x"=y')).toBe('e:2:1: text after the closing " would be lost');
});

test.each<[string, Record<string, string>]>([
  ['A=pa$wd', { A: 'pa' }],
  ['A=$$x', { A: '$x' }],
  ['A=\\$X', { A: '\\vx' }],
  ['A="\\$X $X"', { A: '$X vx' }],
  ['A=$X${U:-d e}', { A: 'vxd e' }],
  ['A=$ $5 $(x)', { A: '$ $5 $(x)' }],
])('trap 11: dollars in %j', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test('trap 11: a variable that is not set gives a warning with its line', () => {
  const warn = vi.fn();
  read('A=1\n  B=pa$wd\n', { warn });
  expect(warn.mock.calls).toEqual([[{ file: 'e', line: 2, column: 3 }, 'wd: the variable is not set, its place stays empty']]);
});

test.each<[string, Record<string, string>]>([
  ['A=u # c', { A: 'u' }],
  ['A=u#n', { A: 'u#n' }],
  ['A=u\t# c', { A: 'u\t# c' }],
  ['A=   # c', { A: '# c' }],
  ['A="1"#c\n # d\n\nB=', { A: '1', B: '' }],
])('trap 12: comments in %j', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each<[string, Record<string, string>]>([
  ['export A=1\nexport  B="2"', { A: '1', B: '2' }],
  ['A: v\nB : w=x\nC:y', { A: 'v', B: 'w=x', C: 'y' }],
  ['X\nU\n', { X: 'vx' }],
  ['X-Y.z[0]=1\né=2\n1=3', { 'X-Y.z[0]': '1', é: '2', '1': '3' }],
  ['  A = 1 \n\tB=  2', { A: '1', B: '2' }],
  ['A=\n B=1', { A: '', B: '1' }],
  ['A=1\nA=${A}2', { A: '12' }],
  ['\uFEFFA=1\r\nB="x"\r\n', { A: '1', B: 'x' }],
])('traps 13 and 14: the form of %j', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['A b=1', 'e:1:1: a name of a variable has no blank'],
  ['A=1\nB="x', 'e:2:1: the value has an opening " and no closing one'],
  ["A='x\\'", "e:1:1: the value has an opening ' and no closing one"],
  ['A/B=1', 'e:1:1: expected a name of letters, digits and _ . - [ ] up to ='],
  ['A=1\n  =2', 'e:2:3: expected a name before ='],
  ['A=1\nQ', 'e:2:1: the line has neither = nor an end'],
  ['A=${U?set it}', 'e:1:1: required variable U has no value: set it'],
  ['A=${', 'e:1:1: the value has a ${ that does not begin a variable'],
])('trap 13: %j is refused', (text, message) => {
  expect(refusal(text)).toBe(message);
});

test('trap 9: a variable is that of lookup, else of the lines above, else of earlier files', () => {
  const earlier = (name: string): string | undefined => ({ X: 'earlier', Y: 'earlier', Z: 'earlier' })[name];
  expect(read('X=own\nY=own\nA=$X $Y $Z\n', { earlier })).toMatchObject({ A: 'vx own earlier' });
});

test('an entry tells its place, its variables, and whether the value is the environment’s', () => {
  const entries = parseEnvFile('# c\nX\nexport A="$X"\n', 'e', lookup, { warn: () => {} });
  expect([...entries]).toEqual([
    ['X', { value: 'vx', place: { file: 'e', line: 2, column: 1 }, inherited: true, variables: ['X'] }],
    ['A', { value: 'vx', place: { file: 'e', line: 3, column: 8 }, inherited: false, variables: ['X'] }],
  ]);
});

test('trap 15: raw keeps quotes, dollars and comments, and knows no export', () => {
  const format = 'raw';
  expect(read('\uFEFFA="x"\nB=$X # c\r\n# d\n  C=  1\n#D=1\nX\nU\n', { format })).toEqual({ A: '"x"', B: '$X # c', C: '  1', X: 'vx' });
  expect(refusal('A=1\nexport B=1', { format })).toBe('e:2:1: a name of a variable has no blank');
  expect(refusal(' =1', { format })).toBe('e:1:2: expected a name before =');
});

import { expect, test } from 'vitest';
import type { ComposeError } from '../../src/errors.ts';
import type { Node } from '../../src/yaml/node.ts';
import { parseYaml } from '../../src/yaml/parse.ts';
import { plain, read } from '../plain.ts';

function refusal(text: string): string {
  try {
    parseYaml(text, 'compose.yaml');
  } catch (error) {
    expect((error as ComposeError).hint).toBeTruthy();
    return (error as Error).message;
  }
  throw new Error(`taken: ${text}`);
}

test('nodes know file, line and column; an alias is the node of its anchor', () => {
  const [root] = parseYaml('a: &x\n  b: 010\nc: *x\nd: !!str 5\n', 'f.yaml') as [Node & { kind: 'map' }];
  const [a, c, d] = ['a', 'c', 'd'].map((name) => root.entries.get(name)!);
  expect(c!.value).toBe(a!.value);
  expect(c!.keyPlace).toEqual({ file: 'f.yaml', line: 3, column: 1 });
  const b = (a!.value as Node & { kind: 'map' }).entries.get('b')!.value;
  expect(b).toEqual({ kind: 'scalar', place: { file: 'f.yaml', line: 2, column: 6 }, value: 8n, source: '010', quoted: false });
  expect(d!.value).toMatchObject({ value: '5', place: { line: 4, column: 10 } });
});

test('trap 14: a byte order mark and CR LF are no part of the text', () => {
  expect(read('\uFEFFa: b\r\nc: |\r\n  d\r\n  e\r\n')).toEqual({ a: 'b', c: 'd\ne\n' });
  expect(parseYaml('\uFEFFa: b', 'f')[0]!.place.column).toBe(1);
});

test('trap 23: octal modes keep their number and what was in quotes stays a string', () => {
  expect(read('[0440, "0440", 440, 0o440]')).toEqual([288n, '0440', 440n, 288n]);
});

test('trap 26: an own key wins over merged ones wherever it stands, then the first of the list; nested mappings are not merged', () => {
  const text = 'x: &a {A: 1, B: 1, M: {p: 1}}\ny: &b {B: 2, C: 2}\nz: {A: own, <<: [*a, *b], M: {q: 1}}\n';
  expect((read(text) as { z: unknown }).z).toEqual({ A: 'own', B: 1n, C: 2n, M: { q: 1n } });
  expect(read('{"<<": {a: 1}}')).toEqual({ '<<': { a: 1n } });
  expect(read('{<<: []}')).toEqual({});
});

test('trap 27: two merge keys, a merge of what is no mapping', () => {
  expect(refusal('x: &a {}\ny:\n  <<: *a\n  <<: *a\n')).toBe('compose.yaml:4:3: <<: the key stands in line 3 already');
  expect(refusal('<<: [[{a: 1}]]')).toBe('compose.yaml:1:6: <<: expected a mapping or a list of mappings, got a list in a list');
  expect(refusal('<<:\n')).toBe('compose.yaml:1:4: <<: expected a mapping or a list of mappings, got nothing');
});

test('trap 29: a key that stands twice', () => {
  expect(refusal('a:\n  b: 1\n  "b": 2\n')).toBe('compose.yaml:3:3: b: the key stands in line 2 already');
  expect(refusal('{a: !reset null, a: 1}')).toBe('compose.yaml:1:18: a: the key stands in line 1 already');
});

test('trap 30: keys are strings, and names of JavaScript are ordinary ones', () => {
  expect(refusal('services: {1: {}}')).toBe('compose.yaml:1:12: expected a string as key, got 1');
  expect(refusal('{true: 1}')).toContain('got true');
  expect(refusal('{2001-01-01: 1}')).toContain('got 2001-01-01');
  expect(refusal('? [a]\n: 1\n')).toContain('got a list');
  const [root] = parseYaml('{__proto__: 1, constructor: 2, y: 3, !!str 1: 4}', 'f') as [Node & { kind: 'map' }];
  expect([...root.entries.keys()]).toEqual(['__proto__', 'constructor', 'y', '1']);
});

test('trap 31: documents come one by one, and aliases reach back over them', () => {
  expect(parseYaml('a: &x 1\n---\nb: *x\n---\n', 'f').map(plain)).toEqual([{ a: 1n }, { b: 1n }, null]);
  expect(parseYaml('', 'f')).toEqual([]);
  expect(parseYaml('# nothing\n', 'f')).toEqual([]);
  expect(refusal('a: 1\n...\nb: 1\n')).toContain(':3:1: expected --- after the end of a document');
  expect(refusal('%YAML 1.2\n---\na: 1\n')).toContain('%YAML 1.2: expected 1.1');
  expect(refusal('%FOO\n---\na: 1\n')).toContain('Unknown directive %FOO');
  expect(refusal('services:\n\ts: {}\n')).toMatch(/^compose.yaml:2:1: .*[Tt]ab/);
});

test('traps 32 and 33: aliases are limited by the nodes that they expand to, not by their number', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 10; level++) bomb.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
  const started = performance.now();
  expect(refusal(bomb.join('\n'))).toContain('aliases expand to more than 400000 nodes');
  expect(performance.now() - started).toBeLessThan(1000);
  const many = `a: &a {b: 1}\nc:\n${'  - *a\n'.repeat(20_000)}`;
  expect((read(many) as { c: unknown[] }).c).toHaveLength(20_000);
});

test('trap 32: depth is limited', () => {
  expect(read('['.repeat(490) + ']'.repeat(490))).toHaveLength(1);
  expect(refusal('['.repeat(600) + ']'.repeat(600))).toContain('more than 500 deep');
  expect(refusal('['.repeat(100_000) + ']'.repeat(100_000))).toContain('more than 500 deep');
});

test('trap 34: an alias inside of its own anchor', () => {
  expect(refusal('x-h: &h {v: {<<: *h}}')).toBe('compose.yaml:1:18: *h: cycle detected, it stands inside of &h');
  expect(refusal('a: *b\nc: &b 1\n')).toBe('compose.yaml:1:4: *b: no anchor &b stands before it');
});

test('trap 35: !reset and !override mark nodes; in a list !reset removes the item', () => {
  const text = 'a: !reset null\nb: !override [1]\nc: [1, !reset 2, 3]\nd: !override {e: !reset 1, f: !override 2}\ng: !override true\n';
  expect(read(text)).toEqual({
    a: { '!reset': 'null' },
    b: { '!override': [1n] },
    c: [1n, 3n],
    d: { '!override': { e: '1', f: '2' } },
    g: { '!override': 'true' },
  });
});

test('trap 35: !reset acts where its anchor stands, not at aliases, unless it is the anchored node; !override acts at both', () => {
  expect(read('a: &a {b: !reset 1, c: !override 2}\nd: *a\n')).toEqual({
    a: { b: { '!reset': '1' }, c: { '!override': '2' } },
    d: { c: { '!override': '2' } },
  });
  expect(read('a: &a !reset {b: 1}\nc: *a\n')).toEqual({ a: { '!reset': { b: 1n } }, c: { '!reset': { b: 1n } } });
});

test('trap 35: a mark of a key that loses a merge goes to the winner, one of the merge key to the mapping', () => {
  const anchors = 'x: &x {A: anchor}\ny: &y {A: !override anchor}\n';
  expect(read(`${anchors}z: {<<: *x, A: !reset null}\n`)).toMatchObject({ z: { A: { '!override': 'anchor' } } });
  expect(read(`${anchors}z: {<<: *y, A: own}\n`)).toMatchObject({ z: { A: { '!override': 'own' } } });
  expect(read('{<<: !reset {A: 1}, B: 2}')).toEqual({ '!override': { B: 2n } });
  expect(read('{<<: [{A: !reset 1}, {B: 2}]}')).toEqual({ B: 2n });
});

test('tags of YAML make the type; others make a string', () => {
  expect(read('[!!str 010, !!int "010", !!float 5, !!bool "true", !!null "", !!binary aGk=, !foo 5, ! 5, !!timestamp "2001-01-01"]')).toEqual([
    '010',
    8n,
    5,
    true,
    null,
    'hi',
    '5',
    5n,
    '2001-01-01T00:00:00Z',
  ]);
  expect(refusal('a: !!bool yes')).toBe('compose.yaml:1:11: !!bool: expected true or false, got "yes"');
  expect(refusal('a: !!binary "%"')).toContain('expected base64');
});

test('what the reference reads otherwise than it looks is refused: a colon without blank in braces, control characters', () => {
  expect(refusal('{a:}')).toBe('compose.yaml:1:2: a: expected a blank after the colon');
  expect(read('{a:b, "c":d, e: f}')).toEqual({ 'a:b': null, c: 'd', e: 'f' });
  expect(refusal('a: "\u0001"')).toBe('compose.yaml:1:5: control character U+0001');
  expect(refusal('a: "\u0085"')).toContain('control character U+0085');
});

test('escapes of JSON that the reference does not have are refused', () => {
  expect(refusal('a: "b\\/c"')).toBe('compose.yaml:1:4: \\/: the escape does not exist');
  expect(refusal('a: "\\ud83d\\ude00"')).toContain('\\ud83d: the escape does not exist');
  expect(read(String.raw`["\\/", "\\ud83d", '\/', "\u00e9\U0001F600"]`)).toEqual(['\\/', '\\ud83d', '\\/', 'é😀']);
});

test('a comment may follow a value without a blank, and a closing bracket need not be indented', () => {
  expect(read('a: "b"#c\nd: [\n  e,\n  f\n]\n')).toEqual({ a: 'b', d: ['e', 'f'] });
});

test('faults of syntax have their place', () => {
  expect(refusal('a: b: c\n')).toMatch(/^compose.yaml:1:\d+: /);
  expect(refusal('a: [b\n')).toMatch(/^compose.yaml:\d:\d+: /);
  expect(refusal('a: *.js\n')).toContain('*.js: no anchor');
  expect(refusal('!reset {a: 1}')).toContain('!reset: expected a key of the document');
});

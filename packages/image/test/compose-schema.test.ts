import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import schema from '../compose.schema.json' with { type: 'json' };

const root = join(import.meta.dirname, '../../..');
const validate = new Ajv.default({ strict: false }).compile(schema);

it('the schema for editors takes demo-os', () => {
  expect(validate(parse(readFileSync(join(root, 'os-images/demo-os/compose.yaml'), 'utf8'))), JSON.stringify(validate.errors)).toBe(true);
});

it.each([
  'x-os: {}',
  'x-os:',
  'x-os: { test: t.yaml }',
  'x-os: { test: { properties: 3, storage: { container: a } } }',
  'services: { a: { image: i, x-os: { rootfs: [b] } } }',
])('takes %s', (text) => expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true));

it.each([
  'x-os: { bas: vm }',
  'x-os: { test: { propertys: 3 } }',
  'x-os: { dataDisk: maybe }',
  'services: { a: { imag: i } }',
  'services: { a: { x-os: { root: [] } } }',
])('marks %s', (text) => expect(validate(parse(text))).toBe(false));

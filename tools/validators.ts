import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';

/**
 * A module that exports a validating function for each schema, by name: what reads it loads no ajv and compiles nothing.
 *
 * @throws Error for a schema with a rule whose code loads a part of ajv
 */
export function validators(schemas: Record<string, object>): string {
  const ajv = new Ajv.default({ verbose: true, code: { esm: true, source: true } });
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  const code = standaloneCode.default(ajv, Object.fromEntries(Object.keys(schemas).map((name) => [name, name])));
  if (code.includes('require(')) throw new Error('a validator needs a part of ajv at run time');
  return `// Generated from schemas by npm run generate.\n/* eslint-disable */\n// @ts-nocheck -- code of ajv\n${code.replace('"use strict";', '').replaceAll(/;(?=function |const )/g, ';\n')}\n`;
}

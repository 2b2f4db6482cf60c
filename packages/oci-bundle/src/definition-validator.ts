import Ajv from 'ajv';
import type { Definition } from './definition.schema.d.ts';
import schema from './definition.schema.json' with { type: 'json' };

/** Whether a value is a definition. A module of its own: cosctl has code that ajv made of the schema in its place. */
export const validateDefinition = new Ajv.default({ verbose: true, strictTuples: false }).compile<Definition>(schema);

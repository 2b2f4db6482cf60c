import Ajv from 'ajv';
import type { Definition } from './definition.schema.d.ts';
import schema from './definition.schema.json' with { type: 'json' };

/** Whether a value is a definition. A module of its own, because cosctl replaces it with code that ajv generates from the schema. */
export const validateDefinition = new Ajv.default({ verbose: true, strictTuples: false, allowUnionTypes: true }).compile<Definition>(schema);

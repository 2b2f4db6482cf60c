import type { Form, Key, Status } from './key.ts';
import { table } from './project.ts';

export interface JsonSchema {
  [word: string]: unknown;
  type?: string | readonly string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: boolean;
  definitions?: Record<string, JsonSchema>;
}

/**
 * A JSON schema of Compose files for editors, made of the table. A service is in `definitions.service`, where a caller may add keys of its own.
 *
 * @example
 * const schema = jsonSchema();
 * schema.properties!['x-os'] = imageSchema;
 */
export function jsonSchema(): JsonSchema {
  const schema = schemaOf(table);
  const services = schema.properties!.services!.patternProperties!;
  const [names, service] = Object.entries(services)[0]!;
  services[names] = { $ref: '#/definitions/service' };
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Compose', ...schema, definitions: { service } };
}

function schemaOf(key: Key): JsonSchema {
  const description = [key.description, key.status && effectOf(key.status)].filter(Boolean).join(' ');
  return { ...formsSchema(key.forms), ...(description ? { description } : {}) };
}

/** What the OS does with a key, when that is not what Compose says. */
function effectOf(status: Status): string | undefined {
  if (status.class === 'done') return undefined;
  return status.class === 'refused' ? `Refused: ${status.reason} ${status.instead}` : `Without effect: ${status.reason}`;
}

function formsSchema(forms: readonly Form[]): JsonSchema {
  const schemas = forms.map(formSchema);
  if (schemas.length === 1) return schemas[0]!;
  const bare = schemas.every((schema) => Object.keys(schema).length === 1);
  return bare ? { type: schemas.map(({ type }) => type as string) } : { oneOf: schemas };
}

function formSchema(form: Form): JsonSchema {
  switch (form.kind) {
    case 'text':
      return { type: 'string', ...(form.pattern ? { pattern: form.pattern } : {}), ...(form.values ? { enum: form.values } : {}) };
    case 'integer':
    case 'number':
      return {
        type: form.kind,
        ...(form.minimum === undefined ? {} : { minimum: form.minimum }),
        ...(form.maximum === undefined ? {} : { maximum: form.maximum }),
      };
    case 'boolean':
    case 'null':
      return { type: form.kind };
    case 'list':
      return { type: 'array', items: schemaOf(form.items), ...(form.unique ? { uniqueItems: true } : {}) };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(form.keys).map(([name, key]) => [name, schemaOf(key)])),
        ...(form.required ? { required: form.required } : {}),
        ...(form.extensible ? { patternProperties: { '^x-': {} } } : {}),
        ...(form.open ? {} : { additionalProperties: false }),
      };
    case 'dictionary':
      return {
        type: 'object',
        patternProperties: { [form.names]: form.values ? schemaOf(form.values) : {}, ...(form.extensible ? { '^x-': {} } : {}) },
        ...(form.open ? {} : { additionalProperties: false }),
      };
  }
}

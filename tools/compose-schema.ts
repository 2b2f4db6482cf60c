import { jsonSchema, type JsonSchema } from '@container-os/compose-file';

/** Schemas that the one for editors is made of, as parsed JSON. */
export interface Schemas {
  /** `x-os` of the file, and of a service. */
  xOs: JsonSchema;
  serviceXOs: JsonSchema;
  /** Options of these targets. */
  qemuTest: JsonSchema;
  qemuStorage: JsonSchema;
  budget: JsonSchema;
}

/** The JSON schema of a compose.yaml that is an image, for editors: Compose's keys, those of `x-os`, and what `test` and `budget` say. */
export function composeSchema({ xOs, serviceXOs, qemuTest, qemuStorage, budget }: Schemas): string {
  const schema = jsonSchema();
  const test = optional({ ...qemuTest, properties: { ...qemuTest.properties, storage: optional(qemuStorage) } });
  const properties = { ...xOs.properties, test: fileOr(xOs, 'test', test), budget: fileOr(xOs, 'budget', optional(budget)) };
  schema.properties = { ...schema.properties, 'x-os': optional({ ...xOs, properties }) };
  const service = schema.definitions!['service']!;
  service.properties = { ...service.properties, 'x-os': optional(serviceXOs) };
  return `${JSON.stringify({ ...schema, title: 'Image', description: 'A Compose file that is an operating system, by x-os.' }, null, 2)}\n`;
}

/** `x-os:` alone is an image as well; what an option has to have, another file or configuration may give. */
function optional({ $schema: _, version: __, title: ___, required: ____, ...schema }: JsonSchema): JsonSchema {
  return { ...schema, type: ['object', 'null'] };
}

function fileOr({ properties }: JsonSchema, key: string, value: JsonSchema): JsonSchema {
  return { ...properties?.[key], oneOf: [{ type: 'string' }, value] };
}

import type { ErrorObject } from 'ajv';

export interface Fault {
  /** JSON pointer. */
  path: string;
  expected: string;
  actual: unknown;
}

/** Path, expected and actual of the first fault that a schema found; the schema must be compiled with `verbose`. */
export function describeFault([error]: ErrorObject[]): Fault {
  if (!error) throw new Error('the schema refuses the value and does not say why');
  const { instancePath, keyword, params, data, message } = error;
  if (keyword === 'required') return { path: `${instancePath}/${params['missingProperty']}`, expected: 'a value', actual: undefined };
  if (keyword === 'additionalProperties') {
    const keys = Object.keys(error.parentSchema?.['properties'] ?? {}).join(', ');
    return { path: `${instancePath}/${params['additionalProperty']}`, expected: `one of the keys ${keys}`, actual: params['additionalProperty'] };
  }
  if (keyword === 'not') return { path: instancePath, expected: 'no such section: it is for another platform', actual: data };
  if (keyword === 'enum') return { path: instancePath, expected: `one of ${(params['allowedValues'] as unknown[]).join(', ')}`, actual: data };
  if (keyword === 'type') return { path: instancePath, expected: String(params['type']), actual: data };
  return { path: instancePath, expected: message?.replace(/^must (be )?/, 'to ') ?? keyword, actual: data };
}

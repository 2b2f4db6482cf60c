import { BuildError } from '@container-os/core/errors';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import type { ServiceXOs } from '../service-x-os.schema.d.ts';
import serviceSchema from '../service-x-os.schema.json' with { type: 'json' };
import type { XOs } from '../x-os.schema.d.ts';
import schema from '../x-os.schema.json' with { type: 'json' };

/** Place of a key in the user's file, as text: `os-images/shop/compose.yaml:7:3`. */
export type PlaceOf = (path: readonly (string | number)[]) => string;

const ajv = new Ajv.default({ verbose: true });
const image = ajv.compile<XOs>(schema);
const service = ajv.compile<ServiceXOs>(serviceSchema);

/** @throws BuildError X_OS_INVALID with the key's place, expected and actual */
export function checkXOs(value: unknown, placeOf: PlaceOf, path: readonly string[] = ['x-os']): XOs {
  const xOs = check(image, value, placeOf, path);
  for (const [name, configuration] of Object.entries(xOs.configurations ?? {})) {
    const { services: _, ...keys } = configuration as Record<string, unknown>;
    check(image, keys, placeOf, [...path, 'configurations', name]);
  }
  return xOs;
}

/** As {@link checkXOs}, of a service. */
export function checkServiceXOs(value: unknown, placeOf: PlaceOf, name: string): ServiceXOs {
  const path = ['services', name, 'x-os'];
  const own = check(service, value, placeOf, path);
  const key = own.build !== undefined && (own.image ?? own.rootfs) !== undefined ? 'build' : 'image';
  const fault =
    key === 'build'
      ? `expected no such key together with ${own.image === undefined ? 'rootfs' : 'image'}`
      : own.image && imageFault(own.image, own.rootfs !== undefined);
  if (!fault) return own;
  throw new BuildError('X_OS_INVALID', `${placeOf([...path, key])}: ${[...path, key].join('.')}: ${fault}`, {
    hint: 'A root comes from an OCI image ("nginx:1.27", "oci:./dir", "oci-archive:./x.tar", "docker-archive:./x.tar"), or is made of layers (rootfs).',
  });
}

function imageFault(image: string, hasRootfs: boolean): string | undefined {
  if (hasRootfs) return 'expected no such key together with rootfs';
  return /^(oci|oci-archive|docker-archive):(?!\.\.?\/)/.test(image)
    ? `expected a path that begins with ./ or ../ after the colon, got ${JSON.stringify(image)}`
    : undefined;
}

function check<Value>(validate: ValidateFunction<Value>, value: unknown, placeOf: PlaceOf, path: readonly string[]): Value {
  const given = value ?? {};
  if (validate(given)) return given;
  const { at, message } = describe(validate.errors?.[0]);
  const key = [...path, ...at];
  throw new BuildError('X_OS_INVALID', `${placeOf(key)}: ${key.join('.')}: ${message}`, {
    hint: 'Correct the key; packages/image/README.md lists those of x-os.',
  });
}

function describe(error: ErrorObject | undefined): { at: string[]; message: string } {
  if (!error) throw new Error('the schema refuses the value and does not say why');
  const at = error.instancePath.split('/').slice(1);
  const { keyword, params, parentSchema, data } = error;
  if (keyword === 'additionalProperties') {
    const known = Object.keys((parentSchema?.['properties'] ?? {}) as object).join(', ');
    return { at: [...at, String(params['additionalProperty'])], message: `unknown key, expected one of ${known}` };
  }
  const expected = keyword === 'enum' ? `one of ${(params['allowedValues'] as unknown[]).join(', ')}` : error.message?.replace(/^must (be )?/, '');
  return { at, message: `expected ${expected}, got ${JSON.stringify(data)}` };
}

import { BuildError } from '@container-os/core';
import Ajv from 'ajv-draft-04';
import type { OciConfig } from './oci-config.ts';
import linux from './oci-runtime-schema/config-linux.json' with { type: 'json' };
import config from './oci-runtime-schema/config-schema.json' with { type: 'json' };
import linuxDefinitions from './oci-runtime-schema/defs-linux.json' with { type: 'json' };
import definitions from './oci-runtime-schema/defs.json' with { type: 'json' };
import type { Root } from './root-view.ts';
import type { Shown } from './rootfs.ts';
import { describeFault } from './schema-fault.ts';
import { rootfsFault, valueFault } from './start-rules.ts';

/** Files of the schema, by the names with which they refer to one another. */
const FILES: Record<string, object> = { 'config-linux.json': linux, 'defs.json': definitions, 'defs-linux.json': linuxDefinitions };
/** Sections for other platforms; a configuration with one is refused. */
const OTHER_PLATFORMS = ['solaris', 'windows', 'vm', 'zos'];
/** Keys that cannot be closed in draft 04: an object combined of several, and the one that is a part of it. */
const COMBINED = ['allOf', 'blockIODevice'];

/**
 * Checks the configuration of `container` against the OCI runtime schema with closed objects, so that a misspelt key is
 * an error where a runtime would ignore it. Then checks what the schema leaves open: what the scripts of this
 * OS rely on, and values that the runtime or the kernel would refuse at start.
 *
 * @throws BuildError OCI_CONFIG_INVALID, naming the JSON path with expected and actual.
 */
export function validateConfig(container: string, value: unknown): OciConfig {
  if (!validateSchema(value)) {
    const { path, expected, actual } = describeFault(validateSchema.errors ?? []);
    throw invalid(container, path, expected, actual);
  }
  const { process, root } = value as Partial<OciConfig>;
  const rules: [path: string, expected: string, actual: unknown, ok: boolean][] = [
    ['/process/args', 'a program and its arguments', process?.args, Boolean(process?.args?.[0])],
    ['/process/cwd', 'an absolute path', process?.cwd, process?.cwd?.startsWith('/') === true],
    // Without the object runc leaves every capability in the bounding set.
    ['/process/capabilities', 'an object; for no capabilities, one with empty lists', process?.['capabilities'], process?.['capabilities'] !== undefined],
    ['/root/path', '"rootfs"', root?.path, root?.path === 'rootfs'],
  ];
  for (const [path, expected, actual, ok] of rules) if (!ok) throw invalid(container, path, expected, actual);
  const fault = valueFault(value as OciConfig);
  if (fault) throw invalid(container, fault.path, fault.expected, fault.actual);
  return value as OciConfig;
}

/** Refuses, with `OCI_CONFIG_INVALID`, a configuration of which `rootfs` has not what it needs: a working directory, places to mount on. */
export function validateRootfs(container: string, config: OciConfig, rootfs: Root, shown?: Shown): void {
  const fault = rootfsFault(config, rootfs, shown);
  if (fault) throw invalid(container, fault.path, fault.expected, fault.actual);
}

const validateSchema = compile();

function compile(): ReturnType<Ajv.default['compile']> {
  const ajv = new Ajv.default({ strict: false, verbose: true });
  for (const [name, file] of Object.entries(FILES)) ajv.addSchema({ ...close(file), id: name });
  for (const platform of OTHER_PLATFORMS) ajv.addSchema({ id: `config-${platform}.json`, [platform]: { not: {} } });
  return ajv.compile(close(config));
}

/** Adds `additionalProperties: false` to each object of `schema`. */
function close<Schema extends object>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map((one) => (isObject(one) ? close(one) : one)) as unknown as Schema;
  const closed = Object.entries(schema).map(([key, value]) => [key, isObject(value) && !COMBINED.includes(key) ? close(value) : value]);
  const open = !('properties' in schema);
  return { ...(open ? {} : { additionalProperties: false }), ...Object.fromEntries(closed) } as Schema;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function invalid(container: string, path: string, expected: string, actual: unknown): BuildError {
  return new BuildError(
    'OCI_CONFIG_INVALID',
    `configuration of container "${container}": ${path || '/'}: expected ${expected}, got ${JSON.stringify(actual) ?? 'nothing'}`,
    {
      hint:
        'Correct the key of the service that it comes from, or the patch in "patches". The format is that of the OCI runtime ' +
        'specification; a list in a merge patch replaces the whole list.',
    },
  );
}

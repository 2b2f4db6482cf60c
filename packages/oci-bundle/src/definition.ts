import { BuildError } from '@container-os/core/portable';
import type { Definition } from './definition.schema.d.ts';
import { validateDefinition } from './definition-validator.ts';
import { mountedFilesFault } from './mounted-files.ts';
import { networkFault } from './network.ts';
import { privilegeFault } from './privileges.ts';
import { describeFault, type Fault } from './schema-fault.ts';
import { signalOf } from './signal.ts';
import { storageFault } from './storage.ts';

export type { Definition };

/**
 * A container's definition, checked against its schema and for contradictions.
 *
 * @throws BuildError CONTAINER_DEFINITION_INVALID, naming the
 * JSON path with expected and actual.
 */
export function parseDefinition(file: string, text: string): Definition {
  return checkDefinition(file, parseJson(file, text));
}

/** As {@link parseDefinition}, of a value that `place` has. */
export function checkDefinition(place: string, value: unknown): Definition {
  const fault = validateDefinition(value)
    ? (rootFault(value) ?? signalFault(value) ?? privilegeFault(value) ?? networkFault(value) ?? storageFault(value) ?? mountedFilesFault(value))
    : describeFault(validateDefinition.errors ?? []);
  if (!fault) return value as Definition;
  const { path, expected, actual } = fault;
  throw new BuildError('CONTAINER_DEFINITION_INVALID', `${place}: ${path || '/'}: expected ${expected}, got ${JSON.stringify(actual) ?? 'nothing'}`, {
    hint: 'Correct the key. Keys are those of a Compose service; the README of oci-bundle lists the supported ones.',
  });
}

function rootFault({ rootfs, image }: Definition): Fault | undefined {
  return rootfs || image ? undefined : { path: '/rootfs', expected: 'a value', actual: undefined };
}

function signalFault({ stop_signal }: Definition): Fault | undefined {
  return stop_signal === undefined || signalOf(stop_signal)
    ? undefined
    : { path: '/stop_signal', expected: 'a signal of Linux, such as SIGTERM', actual: stop_signal };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BuildError('CONTAINER_DEFINITION_INVALID', `${file}: not JSON: ${(cause as Error).message}`, { cause, hint: 'Correct the file.' });
  }
}

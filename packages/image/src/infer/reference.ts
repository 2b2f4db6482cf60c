import { BuildError } from '@container-os/core/errors';
import { parseReference } from '@container-os/oci-image/reference';
import type { PlaceOf } from './x-os.ts';

/** Why a text names no image: with a hint, and without a place. */
export function referenceFault(image: string): BuildError | undefined {
  try {
    parseReference(image);
    return undefined;
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

/** @throws BuildError IMAGE_REFERENCE_INVALID */
export function refuseReference(image: string, path: string[], placeOf: PlaceOf): void {
  const fault = referenceFault(image);
  if (!fault) return;
  const { code, message, hint } = fault;
  throw new BuildError(code, `${placeOf(path)}: ${path.join('.')}: ${message}`, { ...(hint ? { hint } : {}), cause: fault });
}

import mergePatch from 'json-merge-patch';
import { baseConfig, type OciConfig } from './base-config.ts';
import type { JsonObject } from './plan.ts';
import { validateConfig } from './validate.ts';

/**
 * The base configuration of `container` with `patches` (RFC 7396) applied in order: an object is merged,
 * null removes a key, anything else, a list too, takes the place of what was there.
 *
 * Errors: `OCI_CONFIG_INVALID`.
 *
 * @example
 * const config = makeConfig('web', [{ process: { args: ['httpd', '-f'] } }]);
 */
export function makeConfig(container: string, patches: readonly JsonObject[]): OciConfig {
  return validateConfig(container, patches.reduce<unknown>((config, patch) => mergePatch.apply(config, patch), baseConfig(container)));
}

import { apply } from 'json-merge-patch';
import type { Definition } from './definition.ts';
import { ociConfig, type OciConfig } from './oci-config.ts';
import type { JsonObject } from './plan.ts';
import type { DockerProfile } from './seccomp.ts';
import { validateConfig } from './validate.ts';

export interface ConfigSource {
  definition: Definition;
  /** JSON Merge Patches (RFC 7396), applied in order to the configuration made from the definition. */
  patches: readonly JsonObject[];
  profile: DockerProfile;
}

/**
 * The configuration of `container`. In a patch an object is merged, null removes a key, and any other value, lists
 * included, replaces the old one.
 *
 * @throws BuildError OCI_CONFIG_INVALID.
 *
 * @example
 * const config = makeConfig('web', { definition: { rootfs: ['busybox'], command: ['httpd', '-f'] }, patches: [], profile });
 */
export function makeConfig(container: string, { definition, patches, profile }: ConfigSource): OciConfig {
  return validateConfig(
    container,
    patches.reduce<unknown>((config, patch) => apply(config, patch), ociConfig(container, definition, profile)),
  );
}

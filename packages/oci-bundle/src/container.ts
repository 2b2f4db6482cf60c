/**
 * What makes a container of its definition and touches nothing: cosctl runs it in the OS, where there is no
 * Node. Of core, these modules may import what `@container-os/core/portable` has.
 */
export { parseDefinition, type Definition } from './definition.ts';
export { firstId, ID_COUNT } from './id-range.ts';
export { ociConfig, type OciConfig } from './oci-config.ts';
export { checkName } from './plan.ts';
export type { DockerProfile } from './seccomp.ts';
export { serviceFile } from './service.ts';

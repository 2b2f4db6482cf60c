/**
 * The pure functions that turn a definition into a container. cosctl runs them in the OS, where there is no Node:
 * from core, these modules may import `@container-os/core/portable` alone. Where one imports more, cosctl's bundle fails.
 */
export { parseDefinition, type Definition } from './definition.ts';
export { firstId, ID_COUNT } from './id-range.ts';
export { optOuts } from './opt-outs.ts';
export { ociConfig, type OciConfig } from './oci-config.ts';
export { checkName } from './plan.ts';
export { formatConfig } from './resources.ts';
export type { DockerProfile } from './seccomp.ts';
export { serviceFile } from './service.ts';
export type { ImageService } from './image-service.ts';

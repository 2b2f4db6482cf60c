// Generated from schema.json by npm run generate.

/**
 * Builds a service's image from a Dockerfile with buildah: the one target that is neither hermetic nor reproducible.
 */
export interface OciBuildOptions {
  /**
   * The directory that COPY and ADD see, without what its .dockerignore excludes; relative to the image's folder.
   */
  context: string;
  /**
   * The Dockerfile, relative to the context.
   */
  dockerfile: string;
  /**
   * The Dockerfile's text, in place of a file.
   */
  dockerfileInline?: string;
  /**
   * Values of ARG. They stand in the hash and in the log: no place for a secret.
   */
  args: {
    [k: string]: string;
  };
  /**
   * The stage to build. Default: the last one.
   */
  target?: string;
  /**
   * The network of RUN: none, or host, which reaches all that this machine reaches, its own services included.
   */
  network: 'none' | 'host';
  /**
   * The platform to build for: <os>/<architecture>[/<variant>].
   */
  platform: string;
}

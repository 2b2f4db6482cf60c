// Generated from schema.json by npm run generate.

/**
 * x-os of a service: what Compose has no word for.
 */
export interface ServiceXOs {
  /**
   * The OCI image that the OS runs, in place of "image" of the service, which stays for Docker: "oci:./dir", "oci-archive:./x.tar" or "docker-archive:./x.tar", with a path next to the file, or a name.
   */
  image?: string;
  /**
   * Has the image of "build" built by this program, on this machine. No other target is like it: what it makes depends on more than its inputs.
   */
  build?: 'buildah';
  /**
   * Parts of the root file system, in place of an OCI image; a later part overrides an earlier one. A part is an artifact that makes a layer ("busybox") or a directory ("./web").
   *
   * @minItems 1
   */
  rootfs?: [string, ...string[]];
  /**
   * Targets of the workspace that make what the container has, such as "api:build". They run first, and the image depends on their projects, for "nx affected" too.
   */
  dependsOn?: string[];
  /**
   * The profile of this service, in place of the image's.
   */
  profile?: 'docker' | 'hardened';
  /**
   * Where the writes to a root go that is not read-only: memory, or disk (the data disk), which keeps them from boot to boot and without which the container does not start. Default: the data disk where there is one, else memory; in a hardened container memory.
   */
  writableLayer?: 'memory' | 'disk';
  /**
   * JSON Merge Patches (RFC 7396) for the container's OCI configuration: files of the image, or objects.
   */
  patches?: (string | {})[];
}

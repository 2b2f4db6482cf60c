// Generated from schema.json by npm run generate.

/**
 * Pulls and verifies the OCI images of services, and writes one receipt per service.
 */
export interface OciImagesOptions {
  /**
   * The image of each service: a name as Docker has it, or oci:<directory>, oci-archive:<file> or docker-archive:<file>, each with :<reference> where it holds several images.
   */
  images: {
    [k: string]: string;
  };
  /**
   * The directories and files among "images", relative to the image's folder and with ./ or ../ first: their content is in the hash.
   */
  local: string[];
  /**
   * Which image of an index to take: <os>/<architecture>[/<variant>]. The platform of this machine does not matter.
   */
  platform: string;
  /**
   * Fail if images.lock.json lacks a tag, instead of using what the tag names now. The default of a target that container-os infers is true where the environment variable CI is set.
   */
  frozen: boolean;
  /**
   * The most bytes that the layers of one image may have uncompressed.
   */
  maxBytes: number;
}

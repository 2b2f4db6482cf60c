// Generated from schema.json by npm run generate.

/**
 * Locks what the tags of images name now, in images.lock.json, and prints the changes.
 */
export interface UpdateImagesOptions {
  /**
   * The images, by any name: those of services, and those that a Dockerfile begins with. What the lock file has besides is removed.
   */
  images: {
    [k: string]: string;
  };
  /**
   * The platform that each image must have: <os>/<architecture>[/<variant>].
   */
  platform: string;
}

// Generated from schema.json by npm run generate.

/**
 * An image: a folder with a compose.yaml that boots.
 */
export interface ImageGeneratorOptions {
  /**
   * The folder of the image. Its last part is the name of the image; a name alone is a folder of os-images.
   */
  directory: string;
}

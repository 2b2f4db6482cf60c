// Generated from schema.json by npm run generate.

/**
 * An image: a folder with a compose.yaml that boots.
 */
export interface ImageGeneratorOptions {
  /**
   * The folder of the image. Its last part is the name of the image; a name alone is a folder of os-images.
   */
  directory: string;
  /**
   * The Compose file whose services the image has, named from the workspace's root, or the folder with it; several are merged. The image includes the file.
   */
  from?: string[];
  /**
   * Copies the file of --from into the image's folder in place of an include, with relative paths that lead where they led.
   */
  copy?: boolean;
}

// Generated from schema.json by npm run generate.

/**
 * A container of an image: a service of its compose.yaml, with a folder for its files.
 */
export interface ContainerGeneratorOptions {
  /**
   * The service.
   */
  name: string;
  /**
   * The project of the image.
   */
  image: string;
  /**
   * A port that the container serves HTTP on; the OS has it under the same number.
   */
  port?: number;
}

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
   * The OCI image of the container, such as nginx:1.27. Default: a container of BusyBox.
   */
  from?: string;
  /**
   * A port that the container serves on; the OS has it under the same number. BusyBox serves its folder there, by HTTP.
   */
  port?: number;
}

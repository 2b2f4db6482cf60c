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
   * The Compose file whose services the image has, named from the workspace's root, or the folder with it; several are merged, and a single one with the override file beside it. The image includes the files.
   */
  from?: string[];
  /**
   * Copies the file of --from into the image's folder in place of an include, with relative paths that lead where they led.
   */
  copy?: boolean;
  /**
   * A project of the workspace that the container runs: api, or api:compile for another target than build. Its Dockerfile makes the container, else --base.
   */
  app?: string;
  /**
   * The OCI image with the runtime of the application, such as node:22-slim; what the project's target makes is in /app.
   */
  base?: string;
  /**
   * What starts the application, in /app: "node main.js". Default: what package.json or the target's option main says.
   */
  command?: string;
  /**
   * The port that the application of --app answers on; the OS has it under the same number, and the boot test knocks on it. Default: what EXPOSE of its Dockerfile says.
   */
  port?: number;
}

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
   * A directory of the workspace with the files of the container, which BusyBox is added to. Default: a new one in the image's folder.
   */
  directory?: string;
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
   * A port that the container serves on; the OS has it under the same number. BusyBox serves its folder there, by HTTP.
   */
  port?: number;
}

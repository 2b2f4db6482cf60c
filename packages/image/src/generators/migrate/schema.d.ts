// Generated from schema.json by npm run generate.

/**
 * Makes a compose.yaml of an image in the form of before: project.json and a container.json for each container.
 */
export interface MigrateGeneratorOptions {
  /**
   * The folder of the image; a name alone is a folder of os-images.
   */
  directory: string;
}

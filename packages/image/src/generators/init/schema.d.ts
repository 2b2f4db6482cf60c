// Generated from schema.json by npm run generate.

/**
 * Registers the plugin in nx.json, and has git ignore what is built. `npx nx add @container-os/image` runs it.
 */
export interface InitGeneratorOptions {}

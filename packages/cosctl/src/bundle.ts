import schema from '@container-os/oci-bundle/definition.schema.json' with { type: 'json' };
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, type Plugin } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('program/main.ts', import.meta.url));

/** One JavaScript module of all that the program imports, npm packages too, in `scratch`. `std` and `os` stay QuickJS's own. */
export async function bundleProgram(scratch: string, version: string): Promise<string> {
  const outfile = join(scratch, 'cosctl.js');
  await build({
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['std', 'os'],
    // An import of the rest of core, which needs Node, fails here.
    alias: { '@container-os/core': '@container-os/core/portable' },
    plugins: [definitionValidator],
    define: { COSCTL_VERSION: JSON.stringify(version), global: 'globalThis' },
    // Paths of this machine would be in the comments otherwise.
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    legalComments: 'none',
    // Else the names of modules, as paths from here to where node_modules really is, are in the bytecode.
    minify: true,
    preserveSymlinks: true,
    // Not the tsconfig.json of whatever workspace this runs in.
    tsconfigRaw: {},
    logLevel: 'silent',
  });
  return outfile;
}

/** ajv would compile the schema at each start, and be three times as large as the rest. */
const definitionValidator: Plugin = {
  name: 'definition-validator',
  setup({ onLoad }) {
    onLoad({ filter: /\/definition-validator\.ts$/ }, ({ path }) => {
      const ajv = new Ajv.default({ verbose: true, strictTuples: false, code: { source: true, esm: true } });
      return {
        contents: standaloneCode.default(ajv, ajv.compile(schema)).replace('export const validate =', 'export const validateDefinition ='),
        loader: 'js',
        resolveDir: dirname(path),
      };
    });
  },
};

import schema from '@container-os/oci-bundle/definition.schema.json' with { type: 'json' };
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, transform, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('program/main.ts', import.meta.url));

/** Bundles the program and all its imports, npm packages too, into one JavaScript module in `scratch`; `std` and `os` are QuickJS's own modules. */
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
    plugins: [definitionValidator, withoutTypes],
    define: { COSCTL_VERSION: JSON.stringify(version), global: 'globalThis' },
    // Otherwise comments would contain paths of this machine.
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    legalComments: 'none',
    // Otherwise the bytecode would contain module names: paths from here to the real node_modules.
    minify: true,
    preserveSymlinks: true,
    // Ignore the tsconfig.json of the workspace.
    tsconfigRaw: {},
    logLevel: 'silent',
  });
  return outfile;
}

/** Compiles the schema at build time: ajv itself would do so at each start, and is three times as large as the rest. */
export const definitionValidator: Plugin = {
  name: 'definition-validator',
  setup({ onLoad }) {
    onLoad({ filter: /\/definition-validator\.[jt]s$/ }, ({ path }) => {
      const ajv = new Ajv.default({ verbose: true, strictTuples: false, allowUnionTypes: true, code: { source: true, esm: true } });
      return {
        contents: standaloneCode.default(ajv, ajv.compile(schema)).replace('export const validate =', 'export const validateDefinition ='),
        loader: 'js',
        resolveDir: dirname(path),
      };
    });
  },
};

/** Short names depend on how often each letter is in the sources, in types too: without types, sources and built packages give the same bytes. */
const withoutTypes: Plugin = {
  name: 'without-types',
  setup({ onLoad }) {
    onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: path.endsWith('.ts') ? 'ts' : 'js', tsconfigRaw: {} });
      return { contents: code, loader: 'js' };
    });
  },
};

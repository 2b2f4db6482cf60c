import { build } from 'esbuild';
import { join } from 'node:path';
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
    define: { COSCTL_VERSION: JSON.stringify(version), global: 'globalThis' },
    // Paths of this machine would be in the comments otherwise.
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    legalComments: 'none',
    // Else the names of modules, as paths from here to where node_modules really is, are in the bytecode.
    minify: true,
    preserveSymlinks: true,
    logLevel: 'silent',
  });
  return outfile;
}

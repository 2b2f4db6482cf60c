// nx run tools:build-packages: writes each of packages/ as npm gets it to dist/packages/<folder>: JavaScript, types, source maps, and the data that the
// code names; a program that is used alone is bundled with what it has of the other packages. With names of folders, those alone.
//   node --import @swc-node/register/esm-register tools/packages/build.ts cache-server
// @nx/js:tsc is not used: a task of its own and a tsconfig.json for each of the packages, and it neither rewrites executors.json, `exports` and
// `new URL('….ts')` nor JSON imports, of which Node 20 warns.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { globbySync } from 'globby';
import ts from 'typescript';
import { definitionValidator } from '../../packages/cosctl/src/bundle.ts';
import { built, isProgram, publishedManifest, type Manifest, type Shared } from './manifest.ts';

const root = join(import.meta.dirname, '../..');
const packages = join(root, 'packages');
const dist = join(root, 'dist/packages');
const all = readdirSync(packages).sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`packages/ has no ${unknown.join(', ')}`);
const folders = wanted.length > 0 ? wanted : all;

const manifests = new Map(folders.map((folder) => [folder, JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as Manifest]));
const ofModules = folders.filter((folder) => !isProgram(manifests.get(folder)!));
const shared = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Shared;
for (const folder of folders) rmSync(join(dist, folder), { recursive: true, force: true });
compile();
for (const folder of folders) if (!ofModules.includes(folder)) await bundle(folder);
for (const folder of folders) copyData(folder);

/** One program for all packages: types are checked once. */
function compile(): void {
  const base = ts.parseConfigFileTextToJson('', readFileSync(join(root, 'tsconfig.base.json'), 'utf8')).config as { compilerOptions: object };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...base.compilerOptions,
      noEmit: false,
      rewriteRelativeImportExtensions: true,
      declaration: true,
      sourceMap: true,
      inlineSources: true,
      rootDir: packages,
      outDir: dist,
    },
    root,
  );
  const sources = folders.flatMap((folder) => globbySync(['src/**/*.ts', '!**/*.test.ts'], { cwd: join(packages, folder), absolute: true }));
  const program = ts.createProgram(sources, options);
  const { diagnostics } = program.emit(undefined, (path, text) => {
    if (path.endsWith('.json') || !ofModules.includes(relative(dist, path).split(sep)[0] ?? '')) return;
    write(path, path.endsWith('.js') ? withoutSourceNames(text) : text);
  });
  const faults = ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...diagnostics]);
  const host = { getCanonicalFileName: (name: string) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' };
  if (faults.length > 0) throw new Error(ts.formatDiagnostics(faults, host));
}

/** Each program of a package as one file, which imports the package's dependencies and nothing else. */
async function bundle(folder: string): Promise<void> {
  const { bin = {}, dependencies = {} } = manifests.get(folder)!;
  for (const program of Object.values(bin)) {
    const { metafile } = await build({
      entryPoints: [join(packages, folder, program)],
      outfile: join(dist, folder, built(program)),
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      // Names stay, for a bug's stack.
      minifyWhitespace: true,
      external: Object.keys(dependencies),
      plugins: [definitionValidator],
      metafile: true,
      // Otherwise comments would contain paths of this machine.
      absWorkingDir: root,
      tsconfigRaw: {},
      logLevel: 'silent',
    });
    const undeclared = new Set(Object.keys(metafile.inputs).flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []));
    if (undeclared.size > 0) throw new Error(`packages/${folder}/package.json has no dependency for ${[...undeclared].join(', ')}`);
  }
}

/** Besides relative imports, which TypeScript rewrites. */
function withoutSourceNames(text: string): string {
  const imported = /^import (\w+) from ('[^']+\.json') with \{ type: 'json' \};/gm;
  let line = /^import \{[^}]*\bcreateRequire\b/m.test(text) ? '' : "import { createRequire } from 'node:module'; ";
  return text
    .replace(/new URL\('([^']+)\.ts', import\.meta\.url\)/g, "new URL('$1.js', import.meta.url)")
    .replace(imported, (_, name: string, path: string) => {
      const replaced = `${line}const ${name} = createRequire(import.meta.url)(${path});`;
      line = '';
      return replaced;
    });
}

/** All that is no code: schemas, recipes, scripts and C sources of the OS, declarations that schemas generate. */
function copyData(folder: string): void {
  const from = join(packages, folder);
  const to = join(dist, folder);
  const data = globbySync(['**', '!test', '!scripts', '!package.json', '!**/*.ts', '**/*.d.ts', '!test/**'], { cwd: from, dot: true });
  for (const file of data) {
    const target = join(to, file);
    if (/^(executors|generators|migrations)\.json$/.test(file)) write(target, readFileSync(join(from, file), 'utf8').replaceAll('.ts"', '.js"'));
    else copy(join(from, file), target);
  }
  copy(join(root, 'LICENSE'), join(to, 'LICENSE'));
  const manifest = manifests.get(folder)!;
  write(join(to, 'package.json'), `${JSON.stringify(publishedManifest(manifest, folder, readdirSync(to).sort(), shared), null, 2)}\n`);
  for (const program of Object.values(manifest.bin ?? {})) chmodSync(join(to, built(program)), 0o755);
}

/** npm packs the modes 0644 and 0755. */
function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, (statSync(from).mode & 0o100) === 0 ? 0o644 : 0o755);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

// npm run build -w packages/cache-server: writes dist/packages/cache-server, the plain JavaScript package for npm. Dependencies are not bundled.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { globbySync } from 'globby';

const here = join(import.meta.dirname, '..');
const out = join(here, '../../dist/packages/cache-server');

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'src'), { recursive: true });
// One output file for each source, so that a stack trace names the file and a lazy import stays lazy. Import specifiers change from .ts to .js.
for (const file of globbySync('src/**/*.ts', { cwd: here, ignore: ['**/*.d.ts'] })) {
  const target = join(out, file.replace(/\.ts$/, '.js'));
  buildSync({ entryPoints: [join(here, file)], outfile: target, format: 'esm', platform: 'node', target: 'node20' });
  writeFileSync(target, readFileSync(target, 'utf8').replace(/((?:from |import\()["']\.{1,2}\/[^"']+)\.ts(["'])/g, '$1.js$2'));
}
for (const file of globbySync(['src/**/*.schema.json', 'README.md', 'docs/**'], { cwd: here })) {
  mkdirSync(join(out, file, '..'), { recursive: true });
  copyFileSync(join(here, file), join(out, file));
}
copyFileSync(join(here, '../../LICENSE'), join(out, 'LICENSE'));
chmodSync(join(out, 'src/main.js'), 0o755);
const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as Record<string, unknown>;
const published = { ...manifest, bin: { 'cache-server': './src/main.js' }, engines: { node: '>=20.19' } };
writeFileSync(join(out, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);

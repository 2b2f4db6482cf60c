import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { globbySync } from 'globby';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from './files.ts';

const seen = new Set<string>();

/** The circles that imports of `file` lead to, those of types included, which were not seen before; `above` leads to it. */
function circles(file: string, above: readonly string[] = []): string[] {
  if (above.includes(file)) return [[...above.slice(above.indexOf(file)), file].join(' → ')];
  if (seen.has(file) || !existsSync(join(root, file))) return [];
  seen.add(file);
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'));
  return importedFiles
    .filter(({ fileName }) => /^\..*(?<!\.d)\.ts$/.test(fileName))
    .flatMap(({ fileName }) => circles(join(dirname(file), fileName), [...above, file]));
}

test('no files import one another in a circle, not even types', () => {
  expect(globbySync(['packages/*/{src,test,scripts}/**/*.ts', 'tools/**/*.ts', '!**/*.d.ts'], { cwd: root }).flatMap((file) => circles(file))).toEqual([]);
});

test('no packages depend on one another in a circle', () => {
  const packages = globbySync('packages/*/package.json', { cwd: root }).map(
    (file) =>
      JSON.parse(readFileSync(join(root, file), 'utf8')) as { name: string; dependencies?: Record<string, string>; devDependencies?: Record<string, string> },
  );
  const declared = new Map(packages.map(({ name, dependencies, devDependencies }) => [name, Object.keys({ ...dependencies, ...devDependencies })]));
  const circle = (name: string, above: readonly string[]): string[] =>
    above.includes(name) ? [[...above, name].join(' → ')] : (declared.get(name) ?? []).flatMap((one) => circle(one, [...above, name]));
  expect([...declared.keys()].flatMap((name) => circle(name, []))).toEqual([]);
});

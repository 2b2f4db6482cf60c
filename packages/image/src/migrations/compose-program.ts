import { addDependenciesToPackageJson, readJson, visitNotIgnoredFiles, writeJson, type GeneratorCallback, type Tree } from '@nx/devkit';

interface PackageJson {
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** As it stands in a script before one of its commands; not as a part of another word, such as @container-os/image. */
const PROGRAM = /(?<![\w@/.-])container-os(?= +(?:check|config)\b)/g;

/**
 * To 0.2.0: the program container-os of this package is now `compose` of \@container-os/compose, with the same commands. Scripts in the package.json files of
 * the workspace call it, and the workspace depends on it.
 *
 * @returns what installs it, where a script has changed
 *
 * @example npx nx migrate \@container-os/image && npx nx migrate --run-migrations
 */
export default function composeProgram(tree: Tree): GeneratorCallback | undefined {
  let changed = false;
  visitNotIgnoredFiles(tree, '.', (path) => {
    if (!/(^|\/)package\.json$/.test(path)) return;
    const manifest = readJson<PackageJson>(tree, path);
    const { scripts = {} } = manifest;
    const calls = Object.entries(scripts).filter(([, script]) => script.search(PROGRAM) >= 0);
    if (calls.length === 0) return;
    for (const [name, script] of calls) scripts[name] = script.replace(PROGRAM, 'compose');
    writeJson(tree, path, manifest);
    changed = true;
  });
  return changed ? addDependenciesToPackageJson(tree, {}, { '@container-os/compose': installed(tree) }) : undefined;
}

/** All packages have one version. */
function installed(tree: Tree): string {
  const { dependencies, devDependencies } = readJson<PackageJson>(tree, 'package.json');
  return devDependencies?.['@container-os/image'] ?? dependencies?.['@container-os/image'] ?? 'latest';
}

type Exports = Record<string, string>;

/** A package.json of packages/, as far as a build changes it. */
export interface Manifest {
  name: string;
  version: string;
  exports?: Exports;
  bin?: Exports;
  scripts?: unknown;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [key: string]: unknown;
}

/** What all packages share: the package.json of the workspace has it. */
export interface Shared {
  engines: unknown;
  repository: { type: string; url: string };
}

/** What `prebuild` packs: no folder of packages/, so that an installation of this workspace does not ask a registry for it. */
const PREBUILT: Readonly<Record<string, string>> = { image: '@container-os/prebuilt-vm-amd64' };

/**
 * The package.json that is published: TypeScript became JavaScript with types beside it, what tests share is left out, and no script runs where it is
 * installed. The sources themselves are private: nothing publishes them by mistake.
 *
 * @param files top-level names of what is published
 */
export function publishedManifest(
  { scripts: _, private: __, devDependencies: ___, exports = {}, bin, ...manifest }: Manifest,
  folder: string,
  files: string[],
  { engines, repository }: Shared,
) {
  const prebuilt = PREBUILT[folder];
  return {
    ...manifest,
    ...(prebuilt === undefined ? {} : { optionalDependencies: { [prebuilt]: manifest.version } }),
    repository: { ...repository, directory: `packages/${folder}` },
    engines,
    exports: { ...Object.fromEntries(Object.entries(exports).flatMap(publishedExport)), './package.json': './package.json' },
    ...(bin ? { bin: Object.fromEntries(Object.entries(bin).map(([name, path]) => [name, built(path).replace('./', '')])) } : {}),
    files,
    publishConfig: { access: 'public' },
  };
}

function publishedExport([name, path]: [string, string]): [string, unknown][] {
  if (path.startsWith('./test/')) return [];
  return [[name, path.endsWith('.ts') ? { types: path.replace(/\.ts$/, '.d.ts'), default: built(path) } : path]];
}

/** Whether it is a program in one file, which has what the package needs of others of this workspace: its devDependencies. */
export function isProgram({ devDependencies }: Manifest): boolean {
  return devDependencies !== undefined;
}

/** Where a source is when it is built. */
export function built(path: string): string {
  return path.replace(/(?<!\.d)\.ts$/, '.js');
}

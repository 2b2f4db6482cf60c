import { basename } from 'node:path';
import type { Observed, Use } from './trace.ts';

/** What a target's hash holds, and where the target may read besides. Paths are absolute. */
export interface Declared {
  workspace: string;
  /** Files of the workspace, and directories with all below them. */
  files: ReadonlySet<string>;
  /** Files of other targets' artifacts. */
  artifacts: ReadonlySet<string>;
  /** npm packages that count, and those that cannot change a byte. */
  npm: ReadonlySet<string>;
  /** Whether a file of the machine is part of a declared tool. */
  isOfTool(file: string): boolean;
  /** Whether a program is there by its name alone. */
  isUtility(program: string): boolean;
  /** The Debian package of a file, undefined when it belongs to none. */
  packageOf(file: string): string | undefined;
  /** Beginnings of the paths of its own: what it writes, its source trees, scratch. */
  own: readonly string[];
}

export interface Undeclared {
  path: string;
  use: Use;
  /** Programs that used it; `node` is the executor itself. */
  by: string[];
}

/** What everything reads and nothing depends on, each with the reason. */
export const INDIFFERENT_PATHS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\/(proc|sys)\//, 'the state of the machine: memory, processors. `reproducible` shows that it changes no byte'],
  [/^\/dev\/(null|zero|tty|urandom|random|shm|fd|pts)\b/, 'no files'],
  [/^\/etc\/ld\.so\.(cache|preload|conf|conf\.d\/.*)$/, 'where libraries are: what is loaded or linked counts by itself'],
  [/\/\.?ccache\//, 'ccache selects who compiles, and cannot change a byte (docs/decisions/0008)'],
  [/^\/usr\/lib\/locale\/|\/gconv\/gconv-modules|^\/usr\/share\/locale\/locale\.alias$/, 'the locale of every command is C.UTF-8, which is part of libc'],
  [
    /^\/etc\/(nsswitch\.conf|passwd|group|resolv\.conf|host\.conf|hosts|localtime|ssl\/)/,
    'names of users and hosts: artifacts have numbers, and what is downloaded is verified by sha256',
  ],
  [/\/bfd-plugins\//, "binutils' plugins read objects in the form of another compiler (LLVM bitcode), of which there is none"],
  [/^\/usr\/share\/zoneinfo\/UTC$/, 'UTC is UTC'],
  [/\/swc-node-\d+\/[\da-f]+\.json$/, 'compiled modules by the digest of their content'],
  [/\/swc-native-\d+\//, "swc's own library, by its digest"],
  [/^\/etc\/(os-release|iproute2\/.*)$/, 'cosctl and nft print names from there when a build tries them out; that is not packed'],
  [/^\/usr\/bin\/ldd$/, 'Node modules ask it whether libc is glibc'],
];

/** Files of the workspace that Nx, Node and swc read of their own accord, each with the reason. */
const INDIFFERENT_FILES: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\.nx\//, "Nx's own state"],
  [/^node_modules\/\.[^/]*$/, "npm's own state"],
  [/^packages\/[^/]+\/executors\.json$/, 'its entry for the target says which modules and which schema are read: they are in the hash'],
  [/^(nx|package|package-lock)\.json$/, 'Node and Nx look there for what kind of module a file is; what they say of a target is in its hash'],
];

/** What a target used that its hash does not hold. */
export function undeclared({ uses, users }: Observed, declared: Declared): Undeclared[] {
  const by = new Map<string, string[]>();
  for (const [program, paths] of users) for (const path of paths) by.set(path, [...(by.get(path) ?? []), program]);
  const found: Undeclared[] = [];
  for (const [path, kinds] of uses) {
    const use = (['run', 'read'] as const).find((one) => kinds.has(one));
    // What it has written itself is no input.
    if (use === undefined || kinds.has('write') || declared.own.some((own) => path.startsWith(own))) continue;
    const programs = by.get(path) ?? [];
    const held = isHeld(path, programs, declared);
    // Of an npm package, one line.
    const reported = path.replace(/^(.*node_modules\/(?:@[^/]+\/)?[^/.][^/]*)\/.*$/s, '$1');
    if (!held && !found.some((one) => one.path === reported)) found.push({ path: reported, use, by: programs.map((program) => basename(program) || 'node') });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isHeld(path: string, programs: string[], declared: Declared): boolean {
  const { workspace, files, artifacts, npm } = declared;
  const module = npmPackageOf(path);
  if (module !== undefined && !module.startsWith('@container-os/')) return npm.has(module);
  if (!path.startsWith(`${workspace}/`)) return isOfMachine(path, programs, declared);
  // The workspace's own packages are links.
  const name = path.slice(workspace.length + 1).replace(/^node_modules\/@container-os\//, 'packages/');
  return files.has(`${workspace}/${name}`) || artifacts.has(path) || INDIFFERENT_FILES.some(([pattern]) => pattern.test(name));
}

/**
 * @example
 * npmPackageOf('node_modules/execa/node_modules/@a/b/index.js'); // '@a/b'
 */
export function npmPackageOf(path: string): string | undefined {
  return /^.*node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\//s.exec(path)?.[1];
}

function isOfMachine(path: string, programs: string[], { isOfTool, isUtility, packageOf }: Declared): boolean {
  if (INDIFFERENT_PATHS.some(([pattern]) => pattern.test(path)) || isOfTool(path) || isUtility(path)) return true;
  // What utilities load and read of their own is theirs.
  return programs.length > 0 && programs.every((program) => program !== '' && isUtility(program)) && packageOf(path) !== undefined;
}

/** What the hash holds, though nobody used it. */
export function unused({ uses }: Observed, { workspace, files, artifacts }: Declared): string[] {
  const used = (path: string): boolean => (['run', 'read', 'list', 'look'] as const).some((use) => uses.get(path)?.has(use));
  // esbuild reads the workspace's own packages by their links.
  const link = (path: string): string => path.replace(`${workspace}/packages/`, `${workspace}/node_modules/@container-os/`);
  return [...files, ...artifacts].filter((path) => !used(path) && !used(link(path))).sort();
}

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as Swc from '@swc/core';
import type { DigestMemory } from './memory.ts';

const require = createRequire(import.meta.url);

/** What code consists of; all paths are absolute, all lists sorted. */
export interface ModuleGraph {
  /** Modules of the workspace and of installed container-os packages, with the package.json of each one's package: read when the code is loaded. */
  modules: string[];
  /** Files and directories that modules name by `new URL('…', import.meta.url)`, and what these import in their turn: read when the code runs. */
  data: string[];
  /** The package.json of each other npm package that they import; of one that is not installed its name. */
  packages: string[];
}

/** What a module names. */
interface Names {
  /** Of imports that are left when types are stripped. */
  imports: string[];
  /** Of `new URL('…', import.meta.url)`. */
  urls: string[];
}

/**
 * The modules that `entry` loads, directly or not, and the data that these name: what an executor's behaviour depends on. Imports of types
 * load nothing. An import that is not a literal cannot be seen; the check of observed reads finds it.
 *
 * Code of container-os is followed by its content wherever it is installed; other npm packages below node_modules are not.
 *
 * @param entry absolute path of a module, TypeScript or JavaScript
 * @throws Error for an import of a package that is followed and whose "exports" do not name it
 */
export function moduleGraph(entry: string, workspaceRoot: string, memory: DigestMemory): ModuleGraph {
  const code = reach([entry], workspaceRoot, memory);
  const data = new Set<string>();
  const packages = new Set(code.packages);
  for (let urls = code.urls; urls.length > 0;) {
    const more = reach(urls, workspaceRoot, memory);
    urls = more.urls.filter((url) => !data.has(url) && !more.files.has(url));
    more.files.forEach((file) => data.add(file));
    more.packages.forEach((name) => packages.add(name));
  }
  return { modules: [...code.files].sort(), data: [...data].sort(), packages: [...packages].sort() };
}

/** All that the modules `from` import, with themselves, and the URLs that any of them names. */
function reach(from: string[], workspaceRoot: string, memory: DigestMemory): { files: Set<string>; packages: Set<string>; urls: string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const urls = new Set<string>();
  const waiting = [...from];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const named = memory.recently(`module ${file}`, () => follow(file, workspaceRoot, memory));
    if (!named) continue;
    files.add(named.manifest);
    waiting.push(...named.files);
    for (const name of named.packages) packages.add(name);
    for (const url of named.urls) urls.add(url);
  }
  return { files, packages, urls: [...urls] };
}

/** What a module names, by where it is; undefined for a file that is no module, or not there. */
function follow(
  file: string,
  workspaceRoot: string,
  memory: DigestMemory,
): { manifest: string; files: string[]; packages: string[]; urls: string[] } | undefined {
  if (!/\.[cm]?[jt]s$/.test(file) || !existsSync(file)) return undefined;
  const names = namesIn(file, memory);
  const found = names.imports.flatMap((name) => locate(name, file, workspaceRoot, memory) ?? []);
  return {
    manifest: packageOf(file),
    files: found.filter((one) => typeof one === 'string'),
    packages: found.flatMap((one) => (typeof one === 'string' ? [] : [one.package])),
    urls: names.urls.map((url) => fileURLToPath(new URL(url, pathToFileURL(file)))),
  };
}

/** A file to follow, the package.json of an npm package, or undefined for what Node itself has. */
function locate(name: string, from: string, workspaceRoot: string, memory: DigestMemory): string | { package: string } | undefined {
  if (name.startsWith('node:') || builtinModules.includes(name)) return undefined;
  if (name.startsWith('.')) return resolve(dirname(from), name);
  const [, packageName = name, subpath = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(name) ?? [];
  const manifest = memory.recently(`${packageName} for ${dirname(from)}`, () => findManifest(packageName, dirname(from)));
  if (manifest === undefined || !isFollowed(packageName, manifest, workspaceRoot)) return { package: manifest ?? packageName };
  const { exports = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: Record<string, string | { default?: string } | undefined> };
  const target = exports[`.${subpath}`];
  const path = typeof target === 'object' ? target.default : target;
  if (typeof path !== 'string') throw new Error(`${from} imports "${name}", and ${manifest} has no export ".${subpath}" that is a path`);
  return join(dirname(manifest), path);
}

/** A package of the workspace, or one of ours: an installed plugin counts by what it does, as its sources do where they are. */
function isFollowed(name: string, manifest: string, workspaceRoot: string): boolean {
  return name.startsWith('@container-os/') || isOfWorkspace(manifest, workspaceRoot);
}

/** Whether a file, with symlinks resolved, is the workspace's own and not an installed package's. */
export function isOfWorkspace(file: string, workspaceRoot: string): boolean {
  const inside = relative(workspaceRoot, file).split(sep);
  return inside[0] !== '..' && !inside.includes('node_modules');
}

/**
 * The package.json of a package, as the workspace has it; else as this package has it: pnpm shows a workspace what it depends on itself.
 *
 * @throws Error as require.resolve does
 */
export function resolvePackage(name: string, workspaceRoot: string): string {
  return require.resolve(`${name}/package.json`, { paths: [workspaceRoot, dirname(fileURLToPath(import.meta.url))] });
}

/**
 * A path relative to the workspace; below node_modules that of the package, `node_modules/@container-os/iso/src/executor.js`, wherever npm, pnpm or
 * yarn put it.
 */
export function stablePath(path: string, workspaceRoot: string): string {
  const inside = relative(workspaceRoot, path).split(sep);
  return inside.slice(Math.max(inside.lastIndexOf('node_modules'), 0)).join('/');
}

/** The nearest node_modules/<name>/package.json above `from`, as Node finds it, with symlinks resolved. */
export function findManifest(name: string, from: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const manifest = join(directory, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return realpathSync(manifest);
    if (directory === dirname(directory)) return undefined;
  }
}

/** The package.json that says how Node reads `file`. */
function packageOf(file: string): string {
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest)) return manifest;
  }
  throw new Error(`${file} is in no package`);
}

function namesIn(file: string, memory: DigestMemory): Names {
  return memory.derived(`names in ${file}`, () => ({ value: parseNames(readFileSync(file, 'utf8')), files: [file] }));
}

interface Node {
  type?: string;
  [key: string]: unknown;
}

/** Parsed by swc, which is loaded only where a module is new: it is what runs TypeScript on Node 20, and knows which imports are types. */
function parseNames(text: string): Names {
  const { parseSync } = require('@swc/core') as typeof Swc;
  const names = { imports: new Set<string>(), urls: new Set<string>() };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type, ...children } = node as Node;
    if (children['typeOnly'] === true) return;
    if (type === 'ImportDeclaration' || type === 'ExportAllDeclaration' || type === 'ExportNamedDeclaration') add(names.imports, children['source']);
    if (type === 'CallExpression' && ((children['callee'] as Node).type === 'Import' || isRequire(children['callee'] as Node)))
      add(names.imports, first(children['arguments']));
    // A directory above, such as '..', is a place and not an input.
    if (type === 'NewExpression' && (children['callee'] as Node)['value'] === 'URL') add(names.urls, first(children['arguments']), /^(?!\.+\/?$)/);
    Object.values(children).forEach(visit);
  };
  visit(parseSync(text, { syntax: 'typescript', target: 'es2022' }).body);
  return { imports: [...names.imports], urls: [...names.urls] };
}

/** `require(…)`, `createRequire(…)(…)`, or a function that createRequire made and that is called so. */
function isRequire({ type, value, callee }: Node): boolean {
  return value === 'require' || (type === 'CallExpression' && (callee as Node)['value'] === 'createRequire');
}

function first(of: unknown): unknown {
  return (of as { expression: unknown }[] | undefined)?.[0]?.expression;
}

function add(names: Set<string>, literal: unknown, wanted = /^/): void {
  const { type, value } = (literal ?? {}) as Node;
  if (type === 'StringLiteral' && wanted.test(value as string)) names.add(value as string);
}

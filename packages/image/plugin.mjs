// The Nx plugin. Nx loads this file for every command: with nothing changed it reads texts and compares their hashes, and loads nothing else.
import { createHash, scryptSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const name = '@container-os/image';

/** Of a compose.yaml with x-os: the project of the image, and that of its base. */
export const createNodes = [
  '**/compose.yaml',
  (files, options, { workspaceRoot }) => {
    const given = JSON.stringify(options ?? {});
    const record = join(workspaceDataOf(workspaceRoot), 'container-os-images.json');
    const known = readJson(record) ?? {};
    const digests = new Map();
    const isCurrent = ({ read, given: before }) =>
      before === given && Object.entries(read).every(([path, sha256]) => digest(path, workspaceRoot, digests) === sha256);
    const images = Object.fromEntries(
      files.map((file) => [file, known[file] && isCurrent(known[file]) ? known[file] : { ...inferNow(file, workspaceRoot, options), given }]),
    );
    if (files.some((file) => images[file] !== known[file]) || Object.keys(known).length !== files.length) write(record, images);
    return files.map((file) => [file, { projects: images[file].projects }]);
  },
];
export const createNodesV2 = createNodes;

/**
 * An image depends on the project that owns a path outside of its folder which a target reads, and on this package where it is installed: `nx affected`
 * then knows.
 */
export const createDependencies = (_, { projects, externalNodes = {} }) => {
  const roots = Object.entries(projects).map(([project, { root }]) => ({ project, root }));
  const installed = Object.keys(externalNodes).filter((node) => node === `npm:${name}`);
  return Object.entries(projects).flatMap(([source, { targets = {} }]) => {
    const ours = Object.values(targets).filter(({ executor = '' }) => executor.startsWith('@container-os/'));
    const owners = new Set(ours.flatMap((target) => outsidePaths(target).flatMap((path) => ownerOf(path, roots) ?? [])));
    owners.delete(source);
    return [...owners, ...(ours.length > 0 ? installed : [])].map((target) => ({ source, target, type: 'implicit' }));
  });
};

/** Of a target that the plugin made: files of other projects among its inputs. */
function outsidePaths({ inputs = [] }) {
  return inputs.flatMap((input) => (typeof input === 'string' && input.startsWith('{workspaceRoot}/') ? [input.slice('{workspaceRoot}/'.length)] : []));
}

function ownerOf(path, roots) {
  const owners = roots.filter(({ root }) => root !== '.' && path.startsWith(`${root}/`)).sort((a, b) => b.root.length - a.root.length);
  return owners[0]?.project;
}

let infer;

/** Warnings are told when a file is read, not with each command after that. */
function inferNow(file, workspaceRoot, options) {
  infer ??= loadInfer(workspaceRoot);
  const { warnings, ...inferred } = infer(file, workspaceRoot, options);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  return inferred;
}

/** Built, it is JavaScript. The sources are TypeScript, which Node 20 loads with Nx's transpiler. */
function loadInfer(workspaceRoot) {
  const require = createRequire(import.meta.url);
  const built = fileURLToPath(new URL('src/infer/infer.js', import.meta.url));
  if (existsSync(built)) return require(built).infer;
  const { registerTsProject } = require('nx/src/plugins/js/utils/register');
  const unregister = registerTsProject(join(workspaceRoot, 'tsconfig.base.json'));
  try {
    return require(built.replace(/js$/, 'ts')).infer;
  } finally {
    unregister();
  }
}

/** As Nx finds it. */
function workspaceDataOf(workspaceRoot) {
  const directory = process.env.NX_WORKSPACE_DATA_DIRECTORY ?? process.env.NX_PROJECT_GRAPH_CACHE_DIRECTORY ?? '.nx/workspace-data';
  return isAbsolute(directory) ? directory : join(workspaceRoot, directory);
}

/** Of a file, or of a variable, `$NAME`; null for what is not there. Each once a command. */
function digest(name, workspaceRoot, digests) {
  if (!digests.has(name)) digests.set(name, name.startsWith('$') ? digestVariable(name.slice(1)) : digestFile(join(workspaceRoot, name)));
  return digests.get(name);
}

function digestFile(path) {
  try {
    const text = readFileSync(path, 'utf8');
    return /\.(ya?ml|json|[cm]?[jt]s)$/.test(path) ? createHash('sha256').update(text).digest('hex') : digestSecret('file', text);
  } catch {
    return null;
  }
}

function digestVariable(name) {
  const value = process.env[name];
  return value === undefined ? null : digestSecret(name, value);
}

/** As src/infer/texts.ts makes it: slow, because a value may be secret. */
function digestSecret(name, value) {
  return scryptSync(value, `container-os ${name}`, 32).toString('hex');
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function write(path, value) {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(value));
  renameSync(`${path}.${process.pid}`, path);
}

// The Nx plugin. Nx loads this file for every command: with nothing changed it reads texts and compares their hashes, and loads nothing else.
import { createHash, scryptSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const name = '@container-os/image';

/** Of a compose.yaml with x-os: the project of the image, and that of its base. */
export const createNodes = [
  '**/compose.yaml',
  (files, options, { workspaceRoot }) => {
    const path = join(workspaceDataOf(workspaceRoot), 'container-os-images.json');
    const given = JSON.stringify(options ?? {});
    const start = Date.now();
    const known = readRecord(path, given);
    const current = known.texts.map((text) => isCurrent(text, workspaceRoot));
    const images = Object.fromEntries(
      files.map((file) => {
        const image = known.images[file];
        return [file, image?.read.every((index) => current[index]) ? image : undefined];
      }),
    );
    const isComplete = Object.keys(known.images).length === files.length && Object.values(images).every(Boolean);
    if (isComplete && known.texts.every(([text, , identity]) => identity === identityOf(text, workspaceRoot))) return nodesOf(known);
    const found = Object.entries(images).map(([file, image]) => [file, image ? expand(image, known) : inferNow(file, workspaceRoot, options)]);
    const record = { given, ...compact(found, (text) => identityOf(text, workspaceRoot, start)) };
    write(path, record);
    return nodesOf(record);
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

/**
 * What was inferred with the options `given`. Images have most texts in common, and their base: `texts` and `projects` hold each once, and an image its
 * indices. A text is a file, or a variable, `$NAME`, with its digest, null for what is not there, and its identity ({@link identityOf}).
 */
function readRecord(path, given) {
  const record = readJson(path);
  return record?.given === given ? record : { texts: [], projects: [], images: {} };
}

/** What was inferred of each file, as the record has it. */
function compact(found, identify) {
  const [texts, projects] = [distinct(), distinct()];
  const images = found.map(([file, inferred]) => [
    file,
    {
      read: Object.entries(inferred.read).map(([name, sha256]) => texts.indexOf([name, sha256])),
      projects: Object.fromEntries(Object.entries(inferred.projects).map(([root, project]) => [root, projects.indexOf(project)])),
    },
  ]);
  const identified = texts.values.map(([name, sha256]) => [name, sha256, identify(name)]);
  return { texts: identified, projects: projects.values, images: Object.fromEntries(images) };
}

function expand({ read, projects }, record) {
  return {
    read: Object.fromEntries(read.map((index) => record.texts[index])),
    projects: Object.fromEntries(Object.entries(projects).map(([root, index]) => [root, record.projects[index]])),
  };
}

function distinct() {
  const [values, indices] = [[], new Map()];
  const indexOf = (value) => {
    const text = JSON.stringify(value);
    if (!indices.has(text)) indices.set(text, values.push(value) - 1);
    return indices.get(text);
  };
  return { values, indexOf };
}

/** For Nx, which would merge a base with itself for each of its images. */
function nodesOf({ images, projects }) {
  const told = new Set();
  const isNew = (index) => told.size < told.add(index).size;
  return Object.entries(images).map(([file, { projects: of }]) => {
    const own = Object.entries(of).flatMap(([root, index]) => (isNew(index) ? [[root, projects[index]]] : []));
    return [file, { projects: Object.fromEntries(own) }];
  });
}

function isCurrent([name, sha256, identity], workspaceRoot) {
  return (identity !== null && identity === identityOf(name, workspaceRoot)) || digest(name, workspaceRoot) === sha256;
}

/**
 * Which file it is, for those whose digest is slow: that of the same file is the same. null for others, and for one that has changed within 2 s before
 * `reading`, in milliseconds since 1970: another change may leave the same times.
 */
function identityOf(name, workspaceRoot, reading = Infinity) {
  if (isPublic(name) || name.startsWith('$')) return null;
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(join(workspaceRoot, name), { bigint: true });
    return Number(ctimeMs) + 2000 < reading ? [dev, ino, size, mtimeNs, ctimeNs].join(':') : null;
  } catch {
    return null;
  }
}

function digest(name, workspaceRoot) {
  return name.startsWith('$') ? digestVariable(name.slice(1)) : digestFile(join(workspaceRoot, name));
}

/** As src/infer/texts.ts tells them apart: what is neither YAML, JSON nor code, such as .env, may hold secrets. */
function isPublic(path) {
  return /\.(ya?ml|json|[cm]?[jt]s)$/.test(path);
}

function digestFile(path) {
  try {
    const text = readFileSync(path, 'utf8');
    return isPublic(path) ? createHash('sha256').update(text).digest('hex') : digestSecret('file', text);
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

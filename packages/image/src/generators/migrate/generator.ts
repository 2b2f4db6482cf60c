import { BuildError } from '@container-os/core/errors';
import { readJson, updateJson, writeJson, type NxJsonConfiguration, type ProjectConfiguration, type Tree } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { basename, posix, relative } from 'node:path';
import { isDeepStrictEqual as equal } from 'node:util';
import { Document, isCollection, isScalar, visit } from 'yaml';
import { inferFrom } from '../../infer/infer.ts';
import { reporting } from '../reporting.ts';
import { schemaLine, write } from '../write.ts';
import { migrate, type Migrated, type OldProject } from './migrate.ts';
import type { MigrateGeneratorOptions } from './schema.d.ts';

const BASE = new URL('../../../bases/vm/', import.meta.url);

/** Options of a target that are longer have a file of their own. */
const INLINE = 160;

/**
 * Makes a compose.yaml of project.json and the container.json files of an image, which are deleted. Options for which x-os has no key stay in
 * a project.json, or are printed. An image that has a compose.yaml is left as it is.
 *
 * @throws BuildError IMAGE_MISSING, FILE_MISSING, and what the plugin refuses of the result
 * @example npx nx g @container-os/image:migrate demo-os
 */
export default reporting<MigrateGeneratorOptions>((tree: Tree, { directory }) => {
  const root = directory.includes('/') ? posix.normalize(directory).replace(/\/$/, '') : `os-images/${directory}`;
  const [file, projectFile] = [`${root}/compose.yaml`, `${root}/project.json`];
  if (tree.exists(file)) return [`${file} is there: there is nothing to do`];
  if (!tree.exists(projectFile)) {
    throw new BuildError('IMAGE_MISSING', `there is no image in ${root}: no compose.yaml, no project.json`, { hint: 'Name the folder of an image.' });
  }
  const { $schema, implicitDependencies = [], projectType: _, ...old } = readJson<OldProject & ProjectConfiguration & { $schema?: string }>(tree, projectFile);
  const read = (path: string): string | undefined => tree.read(`${root}/${path}`, 'utf8') ?? undefined;
  const { name, compose, targets, unused, lost } = migrate(old, basename(root), read, readOfBase);
  const xOs = compose['x-os'];
  for (const key of ['test', 'budget'] as const) {
    if (JSON.stringify(xOs[key] ?? '').length <= INLINE) continue;
    write(tree, `${root}/${key}.yaml`, yamlOf(xOs[key], 2));
    xOs[key] = `${key}.yaml`;
  }
  write(tree, file, schemaLine(root) + yamlOf(escaped(compose), 3));
  lost.push(...implicitDependencies.filter((one) => !one.startsWith('@container-os/')).map((one) => `implicitDependencies: ${one}`));
  const kept = left(tree, root, file, targets, lost);
  for (const path of [...unused, 'project.json']) tree.delete(`${root}/${path}`);
  const isNeeded = Object.keys(kept).length > 0 || Object.keys(old).some((key) => !['name', 'targets'].includes(key));
  if (isNeeded) writeJson(tree, projectFile, { $schema, ...old, name, targets: kept });
  updateJson<NxJsonConfiguration>(tree, 'nx.json', migrateNxJson);
  const told = [
    ...Object.entries(kept).map(([target, { options = {} }]) => `kept in ${projectFile}: ${[target, ...Object.keys(options)].join(' ')}`),
    ...lost.map((what) => `not as before: ${what}`),
    ...(tree.exists(`${root}/sources`) ? [`${root}/sources is read no more: the base locks its sources`] : []),
  ];
  // With --dry-run too.
  for (const line of told) console.log(line);
  return [`npx nx run ${name}:iso  makes the image`];
});

/** Of what is left of the targets: what the plugin does not infer by itself. What Nx cannot merge over a target of the image is lost. */
function left(tree: Tree, root: string, file: string, targets: Migrated['targets'], lost: string[]): Migrated['targets'] {
  const texts = { read: (path: string) => tree.read(relative(tree.root, path), 'utf8') ?? undefined, variable: () => undefined, asked: {} };
  const { [root]: image, ...bases } = projectsOf(() => inferFrom(file, tree.root, texts, ''));
  const shared = Object.assign({}, ...Object.values(bases).map((project) => project.targets)) as Migrated['targets'];
  const projects = Object.values(bases).flatMap(({ name = '' }) => name);
  const kept: Migrated['targets'] = {};
  for (const [target, old] of Object.entries(targets)) {
    const inferred = image?.targets?.[target] ?? shared[target];
    if (!inferred) {
      if (old.executor?.startsWith('@container-os/'))
        lost.push(`${target}: the plugin infers no such target, so dependsOn, inputs, outputs and cache are to be written`);
      // Artifacts of the base are targets of another project now.
      const dependsOn = old.dependsOn?.map((one) => (typeof one === 'string' && !image?.targets?.[one] && one in shared ? { target: one, projects } : one));
      kept[target] = { ...old, ...(dependsOn ? { dependsOn } : {}) };
      continue;
    }
    const { boots, ...rest } = withPrograms(old.options ?? {});
    const said = { ...rest, ...(Array.isArray(boots) ? { boot: boots[0] as unknown } : {}) };
    const options = differing(said, inferred.options as object | undefined);
    const configurations = Object.fromEntries(
      Object.entries(old.configurations ?? {})
        .map(([one, configured]) => [one, differing(withPrograms(configured), (inferred.configurations as Record<string, object> | undefined)?.[one])] as const)
        .filter(([, configured]) => Object.keys(configured).length > 0),
    );
    const [some, configured] = [Object.keys(options), Object.keys(configurations)];
    if (some.length + configured.length === 0) continue;
    if (image?.targets?.[target]) kept[target] = { ...(some.length > 0 ? { options } : {}), ...(configured.length > 0 ? { configurations } : {}) };
    else lost.push(`${target}, a target of the base: ${[...some, ...configured.map((one) => `-c ${one}`)].join(', ')}`);
  }
  return kept;
}

/** What the plugin refuses is the image's fault: Nx gets a text of it, and this generator its code. */
/** What the layer `system` had compiled is a layer of the base now. */
function withPrograms(options: Record<string, unknown>): Record<string, unknown> {
  const { layers } = options;
  if (!Array.isArray(layers) || layers.includes('programs')) return options;
  return { ...options, layers: layers.flatMap((layer: unknown) => (layer === 'system' ? ['programs', layer] : [layer])) };
}

function projectsOf(infer: () => ReturnType<typeof inferFrom>): ReturnType<typeof inferFrom>['projects'] {
  try {
    return infer().projects;
  } catch (error) {
    throw (error as Error).cause;
  }
}

function differing(said: Record<string, unknown>, inferred: object = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(said).filter(([option, value]) => !equal(value, (inferred as Record<string, unknown>)[option])));
}

/** Nx would put its defaults over the inferred targets. */
function migrateNxJson({ targetDefaults = {}, plugins = [], ...nx }: NxJsonConfiguration): NxJsonConfiguration {
  const own = Object.fromEntries(Object.entries(targetDefaults).filter(([target]) => !target.startsWith('@container-os/')));
  const plugin = '@container-os/image/plugin';
  const isThere = plugins.some((one) => (typeof one === 'string' ? one : one.plugin) === plugin);
  return { ...nx, ...(Object.keys(own).length > 0 ? { targetDefaults: own } : {}), plugins: isThere ? plugins : [...plugins, plugin] };
}

/** Compose takes a $ for a variable. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escaped(one)])) : value;
}

/** Collections below this depth are on one line, as people write short ones; but a Dockerfile is not. */
function yamlOf(value: unknown, depth: number): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, (key, node, path) => {
    // Some readers take 22:22 without quotes for a number of base 60.
    if (isScalar(node) && key !== 'key' && typeof node.value === 'string' && /^\d[\d.]*:/.test(node.value)) node.type = 'QUOTE_DOUBLE';
    const level = path.filter(isCollection).length;
    if (isCollection(node) && level >= depth && !node.has('dockerfile_inline')) node.flow = true;
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function readOfBase(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, BASE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

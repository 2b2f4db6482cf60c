import { posix } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Scalar, type YAMLMap } from 'yaml';

export interface Relocation {
  /** Directories relative to the workspace: the file's, and that of its copy. */
  from: string;
  to: string;
  /** Of the image. */
  name: string;
  /** Services whose image buildah builds. */
  built: readonly string[];
}

/**
 * A Compose file for another directory, with `x-os`: its relative paths lead where they led. All else stays as it is written, comments too.
 *
 * @example
 * relocate('services:\n  web: { image: i, volumes: ["./a:/b"] }\n', { from: '.', to: 'os/edge', name: 'edge', built: [] });
 */
export function relocate(text: string, { from, to, name, built }: Relocation): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  const edits = new Map<number, { end: number; text: string }>();
  const moved = (path: string): string => {
    const path_ = posix.relative(to, posix.join(from, path)) || '.';
    return `${path_.startsWith('.') ? path_ : `./${path_}`}${path.endsWith('/') ? '/' : ''}`;
  };
  const walk = new Walk(document);
  const edit = (scalar: Scalar | undefined, change: (value: string) => string): void => {
    if (typeof scalar?.value !== 'string' || !scalar.range) return;
    const [start, end] = scalar.range;
    const changed = change(scalar.value);
    if (changed !== scalar.value) edits.set(start, { end, text: quotedAs(text[start], changed) });
  };
  /** A key before the others of a map. */
  const insert = (map: unknown, key: string, value: string): void => {
    const first = isMap(map) ? map.items[0]?.key : undefined;
    if (!isMap(map) || !map.range || !isScalar(first) || !first.range) return;
    const at = map.flow ? map.range[0] + 1 : first.range[0];
    const pair = map.flow ? `"${key}": ${value}, ` : `${key}: ${value}\n${' '.repeat(at - text.lastIndexOf('\n', at - 1) - 1)}`;
    const before = edits.get(at)?.text ?? '';
    // An alias is what it names: the key of one is that of all.
    if (!before.includes(pair)) edits.set(at, { end: at, text: before + pair });
  };
  const path = (scalar: Scalar | undefined): void => edit(scalar, (value) => movedPath(value, moved));
  const mount = (scalar: Scalar | undefined): void => edit(scalar, (value) => movedMount(value, moved));

  for (const service of walk.values(walk.at(document.contents, 'services'))) {
    for (const one of walk.items(walk.at(service, 'volumes')))
      if (isScalar(one)) mount(one);
      else if (walk.textAt(one, 'type') === 'bind') path(walk.scalarAt(one, 'source'));
    for (const one of walk.items(walk.at(service, 'env_file'))) path(isScalar(one) ? one : walk.scalarAt(one, 'path'));
    for (const one of walk.items(walk.at(service, 'label_file'))) path(walk.scalar(one));
    const build = walk.at(service, 'build');
    path(isScalar(build) ? build : walk.scalarAt(build, 'context'));
    for (const one of walk.items(walk.at(build, 'additional_contexts')))
      edit(walk.scalar(one), (value) => value.replace(/^([^=]*=)(.*)$/, (_, key: string, context: string) => key + movedPath(context, moved)));
    for (const one of walk.values(walk.at(build, 'additional_contexts'))) path(walk.scalar(one));
    path(walk.scalarAt(walk.at(service, 'extends'), 'file'));
    for (const one of walk.items(walk.at(walk.at(service, 'develop'), 'watch'))) path(walk.scalarAt(one, 'path'));
    const own = walk.at(service, 'x-os');
    for (const key of ['rootfs', 'patches']) for (const one of walk.items(walk.at(own, key))) edit(walk.scalar(one), (value) => movedIfDotted(value, moved));
    edit(walk.scalarAt(own, 'image'), (value) => value.replace(/^([a-z-]+:)(\.\.?\/[^:]*)/, (_, kind: string, file: string) => kind + moved(file)));
  }
  for (const key of ['secrets', 'configs']) for (const one of walk.values(walk.at(document.contents, key))) path(walk.scalarAt(one, 'file'));
  for (const one of walk.values(walk.at(document.contents, 'volumes'))) {
    const settings = walk.at(one, 'driver_opts');
    if (walk.textAt(settings, 'o') === 'bind') path(walk.scalarAt(settings, 'device'));
  }
  for (const one of walk.items(walk.at(document.contents, 'include'))) {
    if (isScalar(one)) path(one);
    for (const key of ['path', 'env_file']) for (const file of walk.items(walk.at(one, key))) path(walk.scalar(file));
    path(walk.scalarAt(one, 'project_directory'));
  }
  edit(walk.scalarAt(document.contents, 'name'), () => name);
  const { contents } = document;
  for (const service of built) insert(walk.at(walk.at(contents, 'services'), service), 'x-os', '{ build: buildah }');
  if (!document.has('name')) insert(contents, 'name', name);
  if (!document.has('x-os')) insert(contents, 'x-os', '{}');
  return [...edits].sort(([a], [b]) => b - a).reduce((all, [at, { end, text: changed }]) => all.slice(0, at) + changed + all.slice(end), text);
}

/** `${NAME:-./data}` has a path as the default. */
const DEFAULTED = /^(\$\{\w+:?-)([^}]*)(\}.*)$/s;

/** A path of the machine, of another project or with a variable in front stays. */
function movedPath(value: string, moved: (path: string) => string): string {
  const [, before = '', path = '', after = ''] = DEFAULTED.exec(value) ?? [];
  if (before) return before + movedPath(path, moved) + after;
  return value === '' || /^([/~$]|[A-Za-z]:[\\/]|\\\\|[a-z][a-z-]*:|git@|github\.com\/)/.test(value) ? value : moved(value);
}

/** Of `./data:/data:ro`: a name without a dot is that of a volume. */
function movedMount(value: string, moved: (path: string) => string): string {
  const [, before = '', path = '', after = ''] = DEFAULTED.exec(value) ?? /^()(\.[^:]*)(:.*)$/s.exec(value) ?? [];
  return before + movedIfDotted(path, moved) + after || value;
}

function movedIfDotted(value: string, moved: (path: string) => string): string {
  return value.startsWith('.') ? moved(value) : value;
}

/** In the quotes that the text had. */
function quotedAs(mark: string | undefined, value: string): string {
  if (mark === "'") return `'${value.replaceAll("'", "''")}'`;
  return mark === '"' ? JSON.stringify(value) : value;
}

/** The nodes of a document, with aliases and merged maps followed. */
class Walk {
  readonly #document: Document;
  constructor(document: Document) {
    this.#document = document;
  }

  #followed(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #pairs(map: YAMLMap): { key: string; value: unknown }[] {
    return map.items.flatMap(({ key, value: written }) => {
      const [name, value] = [isScalar(key) ? String(key.value) : '', this.#followed(written)];
      if (name !== '<<') return [{ key: name, value }];
      const merged = (isSeq(value) ? value.items : [value]).map((one) => this.#followed(one));
      return merged.flatMap((one) => (isMap(one) ? this.#pairs(one) : []));
    });
  }

  at(node: unknown, key: string): Node | undefined {
    return isMap(node) ? (this.#pairs(node).find((pair) => pair.key === key)?.value as Node | undefined) : undefined;
  }

  values(node: unknown): Node[] {
    return isMap(node) ? this.#pairs(node).map(({ value }) => value as Node) : [];
  }

  /** Of a list, or the one value that stands for a list. */
  items(node: unknown): Node[] {
    if (isSeq(node)) return node.items.map((one) => this.#followed(one) as Node);
    return isScalar(node) ? [node] : [];
  }

  scalar(node: unknown): Scalar | undefined {
    return isScalar(node) ? node : undefined;
  }

  scalarAt(node: unknown, key: string): Scalar | undefined {
    return this.scalar(this.at(node, key));
  }

  textAt(node: unknown, key: string): string | undefined {
    const value = this.scalarAt(node, key)?.value;
    return typeof value === 'string' ? value : undefined;
  }
}

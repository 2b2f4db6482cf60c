import * as fc from 'fast-check';
import type { Case } from '../case.ts';
import { maybe, Nodes } from './node.ts';
import type { Schema } from './points.ts';
import { resolve } from './points.ts';
import { declare, repair, type Choices } from './repair.ts';
import { map, render, source, text, type Entry, type Tree } from './tree.ts';
import { wrong } from './values.ts';

/** How the files of a case belong together. */
export const KINDS = ['single', 'override', 'named', 'documents', 'included', 'extended'] as const;
export type Kind = (typeof KINDS)[number];

export interface Generated {
  readonly one: Case;
  /** Points of the schema that the files show. */
  readonly shown: readonly string[];
}

type Top = Tree & { kind: 'map' };

/** What files name, besides those that are generated. */
const BESIDE: Readonly<Record<string, string>> = {
  'one.env': "A=1\nB='two words'\nC=${A}\nD\n",
  'sub/two.env': 'A=2\nE="x\\ny"\nF=$V0\n',
  'one.labels': 'l=1\n',
  'sub/two.labels': 'l=2\nm="3 4"\n',
  'included.yaml': 'services: { included: { image: i } }\n',
  'sub/below.yaml': 'services: { below: { image: i, build: . } }\n',
  'leaf.yaml': 'services: { leaf: { image: leaf, environment: [A=leaf] } }\n',
};

/** The reference takes the main directory for a project's directory that is not there. */
const DIRECTORIES = { 'elsewhere/.keep': '', 'sub/elsewhere/.keep': '' };

/** Cases of a kind whose files show the wanted points, as far as they go together. */
export class Cases {
  readonly #root: Schema;
  readonly #nodes: Nodes;

  constructor(root: Schema, avoid: ReadonlySet<string>) {
    this.#root = root;
    this.#nodes = new Nodes(root, avoid);
  }

  of(kind: Kind, wanted: readonly string[]): fc.Arbitrary<Generated> {
    const names = kind === 'extended' ? ['base'] : kind === 'included' ? ['inner', 'other'] : ['s0', 's1'];
    const half = (rest: number): string[] => wanted.filter((_, index) => index % 2 === rest);
    const alone = kind === 'single';
    const first = this.#file(alone ? ['s0', 's1', 's2'] : ['s0', 's1'], alone ? wanted : half(0));
    // What is merged has to have keys in common.
    const second = alone ? fc.constant(undefined) : this.#file(names, half(kind === 'override' || kind === 'extended' ? 0 : 1));
    return fc.record({ first, second, choices: choices(wanted), mistake: mistake(), tag: tag(kind) }).map((made) => assemble(kind, made));
  }

  #file(names: readonly string[], wanted: readonly string[]): fc.Arbitrary<Top> {
    const service = resolve(this.#root, this.#root.properties!['services']!.patternProperties!['^[a-zA-Z0-9._-]+$']!);
    const inService = wanted.filter((one) => one.startsWith('.services'));
    const services = names.map((name, index) => {
      const share = inService.filter((_, position) => position % names.length === index);
      return maybe(this.#nodes.object(service, '.services.*', share), 0.97).map((tree): Entry | undefined => tree && [name, { ...tree, point: '.services.*' }]);
    });
    const { services: _, ...others } = this.#root.properties!;
    const more = fc.tuple(...services).map((entries): Entry => ['services', { ...map(entries.filter((one) => one !== undefined)), point: '.services' }]);
    const rest = wanted.filter((one) => !one.startsWith('.services'));
    return this.#nodes.object({ ...this.#root, properties: others }, '', rest, [more]) as fc.Arbitrary<Top>;
  }
}

function choices(wanted: readonly string[]): fc.Arbitrary<Choices | undefined> {
  const has = (part: RegExp): boolean => wanted.some((one) => part.test(one));
  const lean = (aimed: boolean, against: boolean): fc.Arbitrary<boolean> => (aimed !== against ? fc.constant(aimed) : fc.boolean());
  const made = fc.record({
    networkMode: lean(has(/network_mode/), has(/\*\.networks/)),
    copies: has(/\.scale/)
      ? fc.constant('scale' as const)
      : has(/\.replicas/)
        ? fc.constant('replicas' as const)
        : fc.constantFrom('scale', 'replicas', 'name'),
    limitsOfDeploy: lean(has(/\.resources/), has(/mem_limit|mem_reservation|\*\.cpus|pids_limit/)),
    platform: lean(has(/\*\.platform$/), has(/platforms/)),
    count: lean(has(/\.count/), has(/device_ids/)),
    external: lean(has(/external/), false),
    content: has(/\.environment$/) ? fc.constant('environment' as const) : has(/\.content$/) ? fc.constant('content' as const) : fc.constant('file' as const),
    inline: lean(has(/dockerfile_inline/), has(/dockerfile$/)),
    credential: has(/credential_spec\.registry/)
      ? fc.constant('registry' as const)
      : has(/credential_spec\.config/)
        ? fc.constant('config' as const)
        : fc.constant('file' as const),
    extends: lean(has(/extends/), false),
  });
  return fc.oneof({ weight: 15, arbitrary: made }, { weight: 1, arbitrary: fc.constant(undefined) }) as fc.Arbitrary<Choices | undefined>;
}

interface Mistake {
  readonly at: number;
  readonly value: Tree;
}

/** One file in six has something in it that should not be there. */
function mistake(): fc.Arbitrary<Mistake | undefined> {
  const made = fc.record({ at: fc.nat({ max: 9999 }), value: wrong });
  return fc.oneof({ withCrossShrink: true }, { weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: made });
}

function tag(kind: Kind): fc.Arbitrary<{ at: number; tag: string } | undefined> {
  if (kind !== 'override' && kind !== 'named' && kind !== 'documents') return fc.constant(undefined);
  const made = fc.record({ at: fc.nat({ max: 9999 }), tag: fc.constantFrom('!override', '!reset') });
  return fc.oneof({ withCrossShrink: true }, { weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: made });
}

interface Parts {
  readonly first: Top;
  readonly second: Top | undefined;
  readonly choices: Choices | undefined;
  readonly mistake: Mistake | undefined;
  readonly tag: { readonly at: number; readonly tag: string } | undefined;
}

function assemble(kind: Kind, { first, second, choices: chosen, mistake: error, tag: marked }: Parts): Generated {
  const fixed = (tree: Top): Top => (chosen ? (repair(tree, chosen) as Top) : tree);
  let main = withImages(declare(fixed(first), [first, ...(second ? [second] : [])]));
  let other = second ? changeServices(fixed(second), (_, service) => without(service, 'extends')) : undefined;
  if (other && kind === 'extended') {
    other = withImages(other);
    main = changeServices(main, (name, service) =>
      name === 's0'
        ? with_(
            service,
            'extends',
            map([
              ['file', text('sub/base.yaml')],
              ['service', text('base')],
            ]),
          )
        : service,
    );
  }
  if (other && kind === 'included') {
    main = with_(main, 'include', { kind: 'list', items: [text('sub/inner.yaml')] });
    other = withImages({ ...other, entries: other.entries.filter(([key]) => key === 'services' || key === 'version' || key === 'name') });
  }
  if (other && marked)
    other = replaceAt(other, marked.at, (tree) => (tree.kind === 'map' || tree.kind === 'list' ? { ...tree, tag: marked.tag } : tree)) as Top;
  if (error) {
    if (other && error.at % 2 === 0) other = replaceAt(other, error.at >> 1, () => error.value) as Top;
    else main = replaceAt(main, error.at >> 1, () => error.value) as Top;
  }
  const variables = new Map<string, string>();
  const written = render(main, 'main', variables);
  const below = other ? render(other, 'other', variables) : '';
  const env = [...variables].map(([name, value]) => `${name}='${value}'\n`).join('');
  const named = mentioned(written + below + env);
  const files = {
    ...layout(kind, written, below),
    ...named,
    ...(env ? { '.env': env } : {}),
    ...(below.includes('project_directory') || written.includes('project_directory') ? DIRECTORIES : {}),
  };
  return {
    one: { name: kind, files, ...(kind === 'named' ? { use: ['a.yaml', 'sub/b.yaml'] } : {}) },
    shown: [...shownBy(main), ...(other ? shownBy(other) : [])],
  };
}

function layout(kind: Kind, main: string, other: string): Record<string, string> {
  switch (kind) {
    case 'single':
      return { 'compose.yaml': main };
    case 'override':
      return { 'compose.yaml': main, 'compose.override.yaml': other };
    case 'named':
      return { 'a.yaml': main, 'sub/b.yaml': other };
    case 'documents':
      return { 'compose.yaml': `${main}---\n${other}` };
    case 'included':
      return { 'compose.yaml': main, 'sub/inner.yaml': other };
    case 'extended':
      return { 'compose.yaml': main, 'sub/base.yaml': other };
  }
}

/** The files beside that a text may mean, wherever paths are relative to. */
function mentioned(written: string): Record<string, string> {
  const names = Object.keys(BESIDE).filter((name) => written.includes(name.replace('sub/', '')));
  return Object.fromEntries(
    names.flatMap((name) => [
      [name, BESIDE[name]!],
      [`sub/${name}`, BESIDE[name]!],
    ]),
  );
}

function withImages(file: Top): Top {
  return changeServices(file, (_, service) =>
    service.entries.some(([key]) => key === 'image' || key === 'build' || key === 'provider')
      ? service
      : { ...service, entries: [...service.entries, ['image', text('i')]] },
  );
}

function changeServices(file: Top, change: (name: string, service: Top) => Top): Top {
  return {
    ...file,
    entries: file.entries.map(([key, section]) =>
      key === 'services' && section.kind === 'map'
        ? [key, { ...section, entries: section.entries.map(([name, value]) => [name, value.kind === 'map' ? change(name, value) : value]) }]
        : [key, section],
    ),
  };
}

function with_(tree: Top, key: string, value: Tree): Top {
  return { ...tree, entries: [...without(tree, key).entries, [key, value]] };
}

function without(tree: Top, key: string): Top {
  return { ...tree, entries: tree.entries.filter(([one]) => one !== key) };
}

/** Changes one node, counted from the top; `at` goes round. */
function replaceAt(tree: Tree, at: number, change: (tree: Tree) => Tree): Tree {
  let left = at % size(tree);
  const visit = (node: Tree): Tree => {
    if (left-- === 0) return change(node);
    if (node.kind === 'list') return { ...node, items: node.items.map(visit) };
    if (node.kind === 'map') return { ...node, entries: node.entries.map(([key, value]) => [key, visit(value)]) };
    return node;
  };
  const changed = visit(tree);
  return changed.kind === 'map'
    ? changed
    : map([
        ['services', source('{}')],
        ['x-top', changed],
      ]);
}

function size(tree: Tree): number {
  return 1 + (tree.kind === 'list' ? tree.items : tree.kind === 'map' ? tree.entries.map(([, value]) => value) : []).reduce((sum, one) => sum + size(one), 0);
}

function shownBy(tree: Tree): string[] {
  const below = tree.kind === 'list' ? tree.items : tree.kind === 'map' ? tree.entries.map(([, value]) => value) : [];
  return [...(tree.point === undefined ? [] : [tree.point]), ...below.flatMap(shownBy)];
}

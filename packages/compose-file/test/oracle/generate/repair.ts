import { map, source, text, type Entry, type Tree } from './tree.ts';

/** Decides which side of each pair of keys that exclude each other a file has. */
export interface Choices {
  readonly networkMode: boolean;
  readonly copies: 'scale' | 'replicas' | 'name';
  readonly limitsOfDeploy: boolean;
  readonly platform: boolean;
  readonly count: boolean;
  readonly external: boolean;
  readonly content: 'file' | 'environment' | 'content';
  readonly inline: boolean;
  readonly credential: 'file' | 'registry' | 'config';
  readonly extends: boolean;
}

type Fix = (entries: readonly Entry[], choices: Choices) => readonly Entry[];

const without = (entries: readonly Entry[], ...keys: readonly string[]): readonly Entry[] => entries.filter(([key]) => !keys.includes(key));
const has = (entries: readonly Entry[], key: string): boolean => entries.some(([one]) => one === key);

/** Takes from a file what the reference refuses for what stands elsewhere in it: a refusal hides all the rest. */
const FIXES: readonly (readonly [point: RegExp, fix: Fix])[] = [
  [
    /^\.services\.\*$/,
    (entries, { networkMode, copies, limitsOfDeploy, platform, extends: extended }) =>
      without(
        entries,
        networkMode ? 'networks' : 'network_mode',
        ...(copies === 'scale' ? [] : ['scale']),
        ...(copies === 'name' ? [] : ['container_name']),
        ...(limitsOfDeploy ? ['mem_limit', 'mem_reservation', 'cpus', 'pids_limit'] : []),
        ...(platform ? [] : ['platform']),
        ...(extended ? [] : ['extends']),
      ),
  ],
  [
    /\.deploy\|:object$/,
    (entries, { copies, limitsOfDeploy }) => without(entries, ...(copies === 'replicas' ? [] : ['replicas']), ...(limitsOfDeploy ? [] : ['resources'])),
  ],
  [/\.build\|1:object$/, (entries, { platform, inline }) => without(entries, inline ? 'dockerfile' : 'dockerfile_inline', ...(platform ? ['platforms'] : []))],
  [/(\.devices|\.gpus\|1:array)\[\]$/, (entries, { count }) => without(entries, count ? 'device_ids' : 'count')],
  [/\.credential_spec$/, (entries, { credential }) => [entries.find(([key]) => key === credential) ?? [credential, text('one')]]],
  [
    /^\.(networks|volumes)\.\*(\|:object)?$/,
    (entries, { external }) => (external && isTrue(entries) ? externalOf(entries) : external ? entries : without(entries, 'external')),
  ],
  [
    /^\.(secrets|configs)\.\*$/,
    (entries, { external, content }) =>
      external && isTrue(entries)
        ? externalOf(entries)
        : [
            ...without(entries, 'file', 'environment', 'content', ...(external ? [] : ['external'])),
            entries.find(([key]) => key === content) ?? ['file', text('./f')],
          ],
  ],
  [
    /\.volumes\[\]\|1:object$/,
    (entries) => {
      const type = entries.find(([key]) => key === 'type')?.[1];
      const kind = type?.kind === 'text' ? type.text : '';
      if (kind === 'tmpfs') return without(entries, 'source');
      if (kind === 'volume' || kind === 'cluster') return [...without(entries, 'source'), ['source', text('data')]];
      return has(entries, 'source') ? entries : [...entries, ['source', text('/src')]];
    },
  ],
];

/** Whether a resource says that somebody else makes it. */
function isTrue(entries: readonly Entry[]): boolean {
  const value = entries.find(([key]) => key === 'external')?.[1];
  return value !== undefined && !/^(false|no)$/i.test(value.kind === 'text' ? value.text : value.kind === 'source' ? value.source : '');
}

function externalOf(entries: readonly Entry[]): readonly Entry[] {
  const named = entries.some(([key, value]) => key === 'external' && value.kind === 'map' && value.entries.length > 0);
  return entries.filter(([key]) => key === 'external' || (key === 'name' && !named));
}

export function repair(tree: Tree, choices: Choices): Tree {
  if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => repair(item, choices)) };
  if (tree.kind !== 'map') return tree;
  const { point } = tree;
  const fix = point === undefined ? undefined : FIXES.find(([pattern]) => pattern.test(point))?.[1];
  const entries = fix ? fix(tree.entries, choices) : tree.entries;
  return { ...tree, entries: entries.map(([key, value]) => [key, repair(value, choices)]) };
}

/** Declares what services of the files may refer to. */
export function declare(file: Tree & { kind: 'map' }, files: readonly Tree[]): Tree & { kind: 'map' } {
  const written = JSON.stringify(files);
  const section = (name: string, names: Readonly<Record<string, Tree>>): Entry | undefined => {
    const own = file.entries.find(([key]) => key === name)?.[1];
    const declared = Object.fromEntries(Object.entries(names).filter(([key]) => written.includes(key)));
    if (own && own.kind !== 'map') return [name, own];
    if (!own && Object.keys(declared).length === 0) return undefined;
    const entries = own?.entries ?? [];
    return [name, { ...(own ?? map([])), entries: [...entries, ...Object.entries(declared).filter(([key]) => !has(entries, key))] }];
  };
  const nothing = source('{}');
  const sections = [
    section('networks', { n1: nothing, n2: nothing }),
    section('volumes', { data: nothing }),
    section('secrets', { one: map([['file', text('f')]]), two: map([['file', text('f')]]) }),
    section('configs', { one: map([['file', text('f')]]), two: map([['file', text('f')]]) }),
    section('models', { leaf: map([['model', text('m')]]) }),
    section('services', { leaf: map([['image', text('leaf')]]) }),
  ].filter((one) => one !== undefined);
  return { ...file, entries: [...file.entries.filter(([key]) => !sections.some(([name]) => name === key)), ...sections] };
}

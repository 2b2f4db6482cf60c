import { join, posix } from 'node:path';
import { load } from '../../src/load/load.ts';
import { print } from '../../src/reference/print.ts';
import { PROJECT, type Case } from './case.ts';

/** What we answer: the model in the reference's form, or what was thrown. */
export type Ours = { readonly config: unknown } | { readonly error: unknown };

export function answer({ files, use, profiles, environment = {} }: Case): Ours {
  const texts = new Map(Object.entries(files).map(([path, text]) => [posix.resolve(PROJECT, path), text]));
  const found = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'].find((name) => texts.has(join(PROJECT, name)));
  try {
    const { model } = load({
      files: { read: (path) => texts.get(path) },
      root: '/',
      paths: (use ?? [found ?? 'compose.yaml']).map((path) => posix.resolve(PROJECT, path)),
      pathsOnly: use !== undefined,
      environment: new Map(Object.entries(environment)),
      ...(profiles ? { profiles } : {}),
    });
    return { config: plainJson(print(model)) };
  } catch (error) {
    return { error };
  }
}

/** As the reference's own text comes out of JSON.parse: without exact integers. */
function plainJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)));
}

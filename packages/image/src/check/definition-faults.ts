import { parseDefinition } from '@container-os/oci-bundle/container';
import schema from '@container-os/oci-bundle/definition.schema.json' with { type: 'json' };
import { BuildError } from '@container-os/core/errors';

/** A value that the definition of a container does not take. */
export interface DefinitionFault {
  path: (string | number)[];
  expected: string;
  /** What the key is for. */
  hint: string;
}

/**
 * What the build of the bundle would refuse, each key once. What only the image knows is left out: its program, who its user is, and the
 * health check of which the service says a part.
 *
 * @param container as inference makes it
 */
export function faultsOf(container: object): DefinitionFault[] {
  const { entrypoint: _, command: __, user: ___, group_add: ____, healthcheck, ...rest } = container as Record<string, unknown>;
  const { test } = (healthcheck ?? {}) as { test?: string[] };
  const checked = test && test.length > 1 ? { healthcheck } : {};
  const definition: Record<string, unknown> = { ...rest, ...checked, ...copied(rest), rootfs: ['.'], command: ['.'] };
  const faults: DefinitionFault[] = [];
  for (;;) {
    try {
      parseDefinition('', JSON.stringify(definition));
      return faults;
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const [, path = '', expected = error.message] = /^: \/(\S*): expected ([^]*)$/.exec(error.message) ?? [];
      const names = path.split('/');
      const [key = ''] = names;
      faults.push({ path: pathIn(definition, names), expected, hint: hintOf(key) });
      if (!(key in definition)) return faults;
      delete definition[key];
    }
  }
}

/** The first sentence about the key. */
function hintOf(key: string): string {
  const { description } = (schema.properties as Record<string, { description?: string }>)[key] ?? {};
  return description === undefined ? 'Correct the key.' : `Correct the key: ${description.split(/\.(?: |$)/)[0]}.`;
}

/** With numbers where a list has items: only so has an item its place. */
function pathIn(value: unknown, names: readonly string[]): (string | number)[] {
  let at = value;
  return names.map((name) => {
    const part = Array.isArray(at) ? Number(name) : name;
    at = (at as Record<string, unknown> | undefined)?.[name];
    return part;
  });
}

/** The build copies paths of the workspace, secrets and configs into the image. */
function copied(definition: Record<string, unknown>): object {
  const lists = { volumes: 'x-workspace', secrets: 'x-file', configs: 'x-file' };
  return Object.fromEntries(
    Object.entries(lists).flatMap(([key, mark]) => {
      const list = definition[key] as Record<string, unknown>[] | undefined;
      const place = (one: Record<string, unknown>): object => {
        if (mark === 'x-file') return one['external'] ? one : { ...one, [mark]: '/.' };
        return one[mark] ? { ...one, [mark]: { ...(one[mark] as object), copy: '/.' } } : one;
      };
      return list ? [[key, list.map(place)]] : [];
    }),
  );
}

import { parseDefinition } from '@container-os/oci-bundle/container';
import { BuildError } from '@container-os/core/errors';

/** A value that the definition of a container does not take. */
export interface DefinitionFault {
  path: string[];
  expected: string;
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
  const definition: Record<string, unknown> = { ...rest, ...checked, rootfs: ['.'], command: ['.'] };
  const faults: DefinitionFault[] = [];
  for (;;) {
    try {
      parseDefinition('', JSON.stringify(definition));
      return faults;
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const [, path = '', expected = error.message] = /^: \/(\S*): expected ([^]*)$/.exec(error.message) ?? [];
      const names = path.split('/');
      faults.push({ path: names, expected });
      const [key = ''] = names;
      if (!(key in definition)) return faults;
      delete definition[key];
    }
  }
}

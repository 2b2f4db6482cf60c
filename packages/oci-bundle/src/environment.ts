import { load } from '@container-os/compose';
import type { Content } from '@container-os/core/hasher';
import { BuildError } from '@container-os/core/errors';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OciBundleOptions } from './schema.d.ts';

/**
 * The environment that a Compose file gives a service, by name: the executor reads it, and the hasher, because no option has a value.
 *
 * @throws BuildError what compose's `load` throws, ENVIRONMENT_MISSING
 */
export const readEnvironment: Content = (options, { workspaceRoot, root }) => {
  const { environment } = options as Pick<OciBundleOptions, 'environment'>;
  if (!environment) return {};
  const { file, service, variables, inherited = [] } = environment;
  // eslint-disable-next-line no-restricted-syntax -- the image names them, and the hash has what they reach
  const given = new Map(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const])));
  const { model } = load({ files: { read }, root: workspaceRoot, paths: [join(workspaceRoot, root, file)], environment: given });
  const values = model.services.get(service)?.environment;
  if (!values)
    throw new BuildError('ENVIRONMENT_MISSING', `${root}/${file}: service "${service}" has no environment`, {
      hint: 'Run the same command again: the file was edited meanwhile.',
    });
  return Object.fromEntries(
    variables.flatMap((name) => {
      const value = values.get(name)?.value;
      return value === undefined ? [] : [[name, value]];
    }),
  );
};

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

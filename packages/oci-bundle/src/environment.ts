import type { Content } from '@container-os/core/hasher';
import { BuildError } from '@container-os/core/errors';
import { readComposeFile } from './compose-file.ts';
import type { OciBundleOptions } from './schema.d.ts';

/**
 * The environment that a Compose file gives a service, by name: the executor reads it, and the hasher, because no option has a value.
 *
 * @throws BuildError what compose's `load` throws, ENVIRONMENT_MISSING
 */
export const readEnvironment: Content = (options, place) => {
  const { environment } = options as Pick<OciBundleOptions, 'environment'>;
  if (!environment) return {};
  const { service, variables, ...file } = environment;
  const values = readComposeFile(file, place).model.services.get(service)?.environment;
  if (!values)
    throw new BuildError('ENVIRONMENT_MISSING', `${place.root}/${file.file}: service "${service}" has no environment`, {
      hint: 'Run the same command again: the file was edited meanwhile.',
    });
  return Object.fromEntries(
    variables.flatMap((name) => {
      const value = values.get(name)?.value;
      return value === undefined ? [] : [[name, value]];
    }),
  );
};

import { BuildError } from '@container-os/core/errors';
import type { Content } from '@container-os/core/hasher';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readComposeFile } from './compose-file.ts';
import { executables } from './copies.ts';
import { readEnvironment } from './environment.ts';
import type { OciBundleOptions } from './schema.d.ts';

interface Options {
  contents?: OciBundleOptions['contents'] | undefined;
}
type Place = Parameters<Content>[1];

/**
 * The secrets and configs that a service has mounted and the image holds, by `secrets.NAME` and `configs.NAME`. As with the environment, no option
 * has what they contain.
 *
 * @throws BuildError what compose's `load` throws, CONTENT_MISSING
 */
export function readContents({ contents }: Options, place: Place): Map<string, Uint8Array> {
  if (!contents) return new Map();
  const { secrets = [], configs = [], ...file } = contents;
  const { model, environment, placeOf } = readComposeFile(file, place);
  const read = (kind: 'secrets' | 'configs', name: string): [string, Uint8Array] => {
    const missing = (key: string, reason: string, hint: string): BuildError => {
      const at = placeOf([kind, name, key]);
      return new BuildError('CONTENT_MISSING', `${relative(place.workspaceRoot, at.file)}:${at.line}:${at.column}: ${kind}.${name}.${key}: ${reason}`, {
        hint: `${hint} Or write "external: true": it is then read when the OS boots, and in no image.`,
      });
    };
    const { file: path, environment: variable, content }: { file?: string; environment?: string; content?: string } = model[kind]?.get(name) ?? {};
    if (content !== undefined) return [`${kind}.${name}`, Buffer.from(content)];
    if (path !== undefined) return [`${kind}.${name}`, readFile(path, place.workspaceRoot, (reason, hint) => missing('file', reason, hint))];
    const value = variable === undefined ? undefined : environment.get(variable);
    if (value === undefined)
      throw missing(
        'environment',
        `the variable ${variable ?? ''} has no value`,
        'Give the variable a value in .env, or name it in x-os.environment and set it.',
      );
    return [`${kind}.${name}`, Buffer.from(value)];
  };
  return new Map([...secrets.map((name) => read('secrets', name)), ...configs.map((name) => read('configs', name))]);
}

function readFile(path: string, workspaceRoot: string, missing: (reason: string, hint: string) => BuildError): Uint8Array {
  const below = relative(workspaceRoot, path);
  if (below.startsWith('..')) throw missing(`${path} is outside of the workspace; nothing there is read`, 'Move the file into the workspace.');
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = { ENOENT: 'is not there', ENOTDIR: 'is not there', EISDIR: 'is a directory, expected a file' }[code];
    if (reason === undefined) throw error;
    throw missing(`${below} ${reason}`, 'Create the file, or correct its name.');
  }
}

/** All that the hash of a bundle has beside its options and files: each value by name. */
export const readValues: Content = (options, place) => {
  const { binds = [] } = options as Partial<OciBundleOptions>;
  const executable = executables(binds, join(place.workspaceRoot, place.root));
  return {
    ...readEnvironment(options, place),
    // No variable has such a name.
    ...Object.fromEntries([...readContents(options, place)].map(([name, bytes]) => [name.replace('.', '='), Buffer.from(bytes).toString('base64')])),
    ...(executable.length > 0 ? { 'executable=': JSON.stringify(executable) } : {}),
  };
};

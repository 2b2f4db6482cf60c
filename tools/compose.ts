// Prints what we understand of Compose files, in the form of `docker compose config --format json`: to compare with.
//   npm run compose -- config compose.yaml
//   npm run compose -- config -f compose.yaml -f more.yaml --profile debug
import { BuildError, formatError } from '@container-os/core';
import { ComposeError, format, load, print } from '@container-os/compose';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `npm run compose -- config [FILE…] [options]

Prints the model of Compose files as docker compose config --format json does. Without a FILE: compose.yaml of this directory or
of one above, with its override file. Variables come from .env alone: the environment of the process is not read.

  -f, --file FILE             a file; later ones are merged over earlier ones
      --profile NAME          also services of this profile; * means all
      --project-directory DIR what relative paths are relative to (default: the directory of the first file)
  -p, --project-name NAME     name of the project
`;

const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      file: { type: 'string', short: 'f', multiple: true, default: [] },
      profile: { type: 'string', multiple: true },
      'project-directory': { type: 'string' },
      'project-name': { type: 'string', short: 'p' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...more] = positionals;
  if (values.help) console.log(HELP);
  else if (command !== 'config') throw usage(command ? `there is no command "${command}"` : 'a command is missing');
  else config([...values.file, ...more], values.profile, values['project-directory'], values['project-name']);
} catch (error) {
  const wrongOption = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(formatError(wrongOption ? usage((error as Error).message) : error));
  process.exit(1);
}

function config(named: readonly string[], profiles?: readonly string[], directory?: string, name?: string): void {
  // npm starts a script in the workspace's root.
  const here = process.env['INIT_CWD'] ?? process.cwd();
  const paths = named.length > 0 ? named.map((file) => resolve(here, file)) : [find(here)];
  const { model, warnings } = load({
    files: { read },
    root: '/',
    paths,
    pathsOnly: named.length > 0,
    environment: new Map(),
    ...(profiles ? { profiles } : {}),
    ...(directory ? { projectDirectory: resolve(here, directory) } : {}),
    ...(name ? { projectName: name } : {}),
  });
  for (const { place, message } of warnings) console.error(`warning: ${place.file}:${place.line}:${place.column}: ${message}`);
  console.log(format(print(model)));
}

function find(directory: string): string {
  const file = NAMES.map((name) => join(directory, name)).find(existsSync);
  if (file) return file;
  if (dirname(directory) !== directory) return find(dirname(directory));
  throw new ComposeError('COMPOSE_FILE_MISSING', undefined, `there is no ${NAMES.join(', ')} here or above`, {
    hint: 'Name the file: npm run compose -- config FILE',
  });
}

/** The text of a file, undefined when there is none; a directory has no text. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code))) return undefined;
    throw error;
  }
}

function usage(message: string): BuildError {
  return new BuildError('COMPOSE_USAGE', message, { hint: 'See npm run compose -- --help' });
}

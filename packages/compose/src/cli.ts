#!/usr/bin/env node
// What we understand of Compose files: in the form of `docker compose config --format json`, to compare with, and what an image would do with them.
// Here it is `npm run compose --`, elsewhere `npx @container-os/compose`:
//   npm run compose -- config compose.yaml
//   npm run compose -- config -f compose.yaml -f more.yaml --profile debug
//   npm run compose -- check --json */compose.yaml
import { BuildError, formatError } from '@container-os/core/errors';
import { ComposeError, DEFAULT_NAMES, format, load, print } from '@container-os/compose-file';
import { check, type Verdict } from '@container-os/image/check';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** How this was started. */
const PROGRAM = import.meta.url.endsWith('.ts') ? 'npm run compose --' : 'npx @container-os/compose';

const HELP = `${PROGRAM} config [FILE…] [options]

Prints the model of Compose files as docker compose config --format json does. Without a FILE: compose.yaml of this directory or
of one above, with its override file. Variables come from .env alone: the environment of the process is not read.

  -f, --file FILE             a file; later ones are merged over earlier ones
      --profile NAME          also services of this profile; * means all
      --project-directory DIR what relative paths are relative to (default: the directory of the first file)
  -p, --project-name NAME     name of the project

${PROGRAM} check FILE… [--json]

Says what an image would do with each of the files, which need not be made for one: translated, or refused, with every reason and its place;
what a build needs besides the file (incomplete); keys that change nothing here; keys that weaken what the OS promises (opt-outs). A service
without an image and a variable without a value are assumed. --json prints a line of JSON for each file. Exit status: 0 if every file is
translated, 1 if one is refused, 2 for wrong usage.
`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      file: { type: 'string', short: 'f', multiple: true, default: [] },
      profile: { type: 'string', multiple: true },
      'project-directory': { type: 'string' },
      'project-name': { type: 'string', short: 'p' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...more] = positionals;
  if (values.help) console.log(HELP);
  else if (command === 'check') process.exitCode = checkAll([...values.file, ...more], values.json);
  else if (command !== 'config') throw usage(command ? `there is no command "${command}"` : 'a command is missing');
  else config([...values.file, ...more], values.profile, values['project-directory'], values['project-name']);
} catch (error) {
  const wrongOption = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const told = wrongOption ? usage((error as Error).message) : error;
  console.error(formatError(told));
  process.exit(told instanceof BuildError && told.code === 'COMPOSE_USAGE' ? 2 : 1);
}

function config(named: readonly string[], profiles?: readonly string[], directory?: string, name?: string): void {
  const here = startedIn();
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

/** npm starts a script in the workspace's root. */
function startedIn(): string {
  // eslint-disable-next-line no-restricted-syntax -- no build reads it: where relative paths of the command line begin
  return process.env['INIT_CWD'] ?? process.cwd();
}

function checkAll(named: readonly string[], json: boolean): number {
  if (named.length === 0) throw usage('check: a FILE is missing');
  const here = startedIn();
  const results = named.map((file) => {
    const path = resolve(here, file);
    const verdict = checkFile(path);
    console.log(json ? JSON.stringify({ file, ...verdict }) : describe(file, verdict));
    return verdict.result;
  });
  return results.includes('refused') ? 1 : 0;
}

function checkFile(path: string): Verdict {
  if (read(path) !== undefined) return check(path, workspaceOf(dirname(path)), read);
  const problem = { key: '', line: 0, column: 0, reason: 'there is no such file', hint: 'Correct the name of the file.' };
  return { result: 'refused', problems: [problem], incomplete: [], withoutEffect: [], optOuts: [] };
}

/** The directory around a file whose files an image can have: that of the repository, else the one above, as if the file were in a folder of a workspace. */
function workspaceOf(directory: string): string {
  for (let at = directory; dirname(at) !== at; at = dirname(at)) if (existsSync(join(at, '.git')) || existsSync(join(at, 'nx.json'))) return at;
  return dirname(directory);
}

function describe(file: string, { result, problems, incomplete, withoutEffect, optOuts }: Verdict): string {
  const at = (other?: string): string => (other === undefined ? file : join(dirname(file), other));
  return [
    `${file}: ${result}`,
    ...problems.map((one) => `  refused: ${at(one.file)}:${one.line}:${one.column}: ${one.key ? `${one.key}: ` : ''}${one.reason}\n    hint: ${one.hint}`),
    ...optOuts.map((one) => `  opt-out: ${at(one.file)}:${one.line}: ${one.key}: ${one.reason}`),
    ...withoutEffect.map((one) => `  without effect: ${at(one.file)}:${one.line}: ${one.key}: ${one.reason}`),
    ...incomplete.map((text) => `  ${text}`),
  ].join('\n');
}

function find(directory: string): string {
  const file = DEFAULT_NAMES.map((name) => join(directory, name)).find(existsSync);
  if (file) return file;
  if (dirname(directory) !== directory) return find(dirname(directory));
  throw new ComposeError('COMPOSE_FILE_MISSING', undefined, `there is no ${DEFAULT_NAMES.join(', ')} here or above`, {
    hint: `Name the file: ${PROGRAM} config FILE`,
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
  return new BuildError('COMPOSE_USAGE', message, { hint: `See ${PROGRAM} --help` });
}

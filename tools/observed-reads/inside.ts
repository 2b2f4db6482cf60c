// Runs targets of the workspace of the current directory under strace, in order, without the cache, and compares what
// they read with what their hashes hold.
//   node --import @swc-node/register/esm-register tools/observed-reads/inside.ts <answer.json> <target> [<name> …]
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cacheDir, INDIFFERENT, isIdle, recordInputs, toolOf, type RecordedInputs } from '@container-os/core';
import type { ProjectGraph, Task } from '@nx/devkit';
import { contextOf, planTasks, type Plan } from '../one-task/plan.ts';
import { undeclared, unused, type Declared, type Undeclared } from './judge.ts';
import { packageOf, pluginLibraries, realOf, sha256 } from './machine.ts';
import { trace, type Observed } from './trace.ts';

/** What was found at one target. */
export interface Comparison {
  target: string;
  /** What it printed, when it failed. */
  failed?: string;
  undeclared: Undeclared[];
  /** Relative to the workspace. */
  unused: string[];
  /** How many paths were judged. */
  paths: number;
}

const [answer = '', target = '', ...names] = process.argv.slice(2);
const workspace = realpathSync(process.cwd());
const plan = await planTasks(target);
const directory = mkdtempSync(join(tmpdir(), 'observed-reads-'));
const comparisons: Comparison[] = [];
const indifferent = withDependencies(Object.keys(INDIFFERENT), plan.projectGraph);
try {
  for (const task of plan.order) if (names.length === 0 || names.includes(task.target.target)) comparisons.push(await compare(task, plan));
} finally {
  rmSync(directory, { recursive: true });
}
writeFileSync(answer, JSON.stringify(comparisons));
process.exit(0);

async function compare(task: Task, plan: Plan): Promise<Comparison> {
  const hashed = await plan.hash(task);
  const record = await recordInputs({ workspaceRoot: workspace, root: task.projectRoot ?? '', task: hashed });
  if (!record) throw new Error(`${task.id} has no hash plan`);
  const context = join(directory, 'context.json');
  writeFileSync(context, JSON.stringify(contextOf(task, plan)));
  const observed = await trace(['node', join(workspace, 'tools/one-task/run.mjs'), context], {
    cwd: workspace,
    log: join(directory, 'trace'),
    begin: '/one-task/begin',
    end: '/one-task/end',
  });
  const declared = declaredOf(record, task, observed);
  return {
    target: task.target.target,
    ...(observed.exitCode === 0 ? {} : { failed: observed.output }),
    undeclared: undeclared(observed, declared),
    unused: unused(observed, declared).map((path) => path.slice(workspace.length + 1)),
    paths: observed.uses.size,
  };
}

function declaredOf({ files, artifacts, tools, npm }: RecordedInputs, task: Task, { uses }: Observed): Declared {
  const absolute = (path: string): string => join(workspace, path);
  const own = join(workspace, task.outputs[0] ?? '');
  const digests = new Map<string, Set<string>>();
  const packages = new Set<string>();
  for (const [name, digest] of Object.values(tools).flatMap((tool) => Object.entries(tool.files))) {
    if (name.startsWith('deb:')) packages.add(name.slice('deb:'.length).replace(/:.*/, ''));
    else (digests.get(basename(name)) ?? digests.set(basename(name), new Set()).get(basename(name)))?.add(digest);
  }
  const idle = Object.keys(tools).flatMap((name) => toolOf(name).idle ?? []);
  // Its PATH: what is there and no declared tool, is there by its name.
  const paths = new Set([...uses.keys()].filter((path) => path.startsWith(`${cacheDir('path')}/`)).map((path) => dirname(path)));
  const listed = [...paths].filter((path) => existsSync(path)).flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  const programs = new Set(listed.filter((path) => !(basename(path) in tools)).map(realOf));
  return {
    workspace,
    files: new Set(
      Object.keys(files)
        .map(absolute)
        .map((path) => path.replace(/\/$/, '')),
    ),
    artifacts: new Set(Object.keys(artifacts).map(absolute)),
    npm: new Set([...Object.keys(npm), ...indifferent]),
    isOfTool: (file) => {
      const real = realOf(file);
      return (
        (digests.get(basename(real))?.has(sha256(real)) ?? false) || packages.has(packageOf(real) ?? '') || pluginLibraries().has(real) || isIdle(real, idle)
      );
    },
    isUtility: (program) => programs.has(realOf(program)),
    packageOf,
    own: [`${own}/`, `${own}.partial-`, ...['store', 'trees', 'scratch', 'path', 'objects'].map((name) => `${cacheDir(name)}/`), join(workspace, 'dist/logs/')],
  };
}

/** npm packages and all that they depend on. */
function withDependencies(names: readonly string[], { externalNodes = {}, dependencies }: ProjectGraph): Set<string> {
  const found = new Set<string>();
  const waiting = names.map((name) => `npm:${name}`);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(dependencies[id] ?? []).map(({ target }) => target));
  }
  return new Set([...found].map((id) => externalNodes[id]?.data.packageName ?? id.slice('npm:'.length)));
}

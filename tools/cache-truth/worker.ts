// A fresh process for one state of a workspace: hashes all tasks as Nx would, then builds some of them without the cache.
//   node --import @swc-node/register/esm-register tools/cache-truth/worker.ts <job.json> <answer.json>
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runExecutor, type ExecutorContext, type Task } from '@nx/devkit';
import { contextOf, planTasks, type Plan } from '../one-task/plan.ts';

/** What the process is to do. */
export interface Job {
  target: string;
  /** Targets to build, or all, in order. */
  build: string[] | 'all';
  /** Puts an artifact's place back to what is below this copy of `dist`. Without it, what was built stays. */
  pristine?: string;
  /** Where to write what `run.mjs` takes of each task. */
  contexts?: string;
}

/** What it saw. */
export interface Answer {
  /** By target. */
  hashes: Record<string, string>;
  /** By target: what its hash has of its tools. */
  tools: Record<string, string>;
  /** By target that was built: a digest of its artifact, or `failed`. */
  built: Record<string, string>;
  /** Why Nx could not even make its graph. */
  error?: string;
}

const [jobFile = '', answerFile = ''] = process.argv.slice(2);
const { target, build, pristine, contexts } = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
const answer: Answer = { hashes: {}, tools: {}, built: {} };
try {
  const plan = await planTasks(target);
  if (build === 'all') {
    for (const task of judged(plan)) answer.built[task.target.target] = await buildTask(task, plan);
  }
  for (const task of plan.order) {
    const { hash = '', hashDetails } = await plan.hash(task);
    answer.hashes[task.target.target] = hash;
    answer.tools[task.target.target] = JSON.stringify(
      Object.entries(hashDetails?.nodes ?? {})
        .filter(([name]) => name.startsWith('container-os:tool '))
        .sort(),
    );
  }
  if (contexts !== undefined) {
    mkdirSync(contexts, { recursive: true });
    for (const task of plan.order) writeFileSync(join(contexts, `${task.target.target}.json`), JSON.stringify(contextOf(task, plan)));
  }
  if (build !== 'all') {
    for (const task of judged(plan)) if (build.includes(task.target.target)) answer.built[task.target.target] = await buildTask(task, plan);
  }
} catch (error) {
  answer.error = String((error as Error).stack);
}
writeFileSync(answerFile, JSON.stringify(answer));
// Nx's plugin workers would keep it.
process.exit(0);

/** Without `build-<service>`: what buildah makes is not the same twice, so that nothing follows from other bytes. */
function judged({ order }: Plan): Task[] {
  return order.filter((task) => !task.target.target.startsWith('build-'));
}

async function buildTask(task: Task, plan: Plan): Promise<string> {
  let success = false;
  try {
    const { context } = contextOf(task, plan) as { context: ExecutorContext };
    const { project, target, configuration = '' } = task.target;
    const results = await runExecutor({ project, target, configuration }, {}, { ...context, root: process.cwd(), cwd: process.cwd(), isVerbose: false });
    for await (const result of results) success = result.success;
  } catch (error) {
    process.stderr.write(`${task.id}: ${String(error)}\n`);
  }
  const digest = success ? digestOf(task.outputs) : 'failed';
  if (pristine !== undefined) {
    for (const place of task.outputs) {
      rmSync(place, { recursive: true, force: true });
      cpSync(join(pristine, relative('dist', place)), place, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    }
  }
  return digest;
}

/** All that the cache would restore, but what was hashed. Paths are relative to the workspace, which is the current directory. */
function digestOf(places: string[]): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const stat = lstatSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else if (!path.endsWith('/inputs.json')) {
      hash.update(`${path}\0${stat.mode & 0o100}\0`);
      hash.update(stat.isSymbolicLink() ? readlinkSync(path) : readFileSync(path));
    }
  };
  for (const place of places) visit(place);
  return hash.digest('hex').slice(0, 16);
}

import { execa } from 'execa';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { trace } from '../observed-reads/trace.ts';
import { installStandIns, shareStore } from '../stand-in/install.ts';
import { copyWorkspace, nxEnvironment } from '../workspace-copy.ts';
import { Box } from './box.ts';
import { distOf, IMAGE } from '../stand-in/targets.ts';
import { addFixtures } from './fixtures.ts';
import { judge, type Verdict } from './judge.ts';
import type { Edit, Kind } from './edit.ts';
import { OTHERS, TABLE } from './kinds.ts';
import { random } from './random.ts';
import type { Answer, Job } from './worker.ts';

const TARGET = `${IMAGE.name}:iso`;
/** The PATH of a host with no more than Debian's programs. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** One target after one edit. */
export interface Finding {
  number: number;
  kind: string;
  what: string;
  target: string;
  verdict: Verdict;
  miss: boolean;
  otherBytes: boolean | undefined;
}

interface Base {
  box: Box;
  hashes: Record<string, string>;
  bytes: Record<string, string>;
  /** By target: the digests of its tools. */
  tools: Record<string, string>;
}

const KINDS: [string, Kind][] = [...Object.entries(TABLE), ...Object.entries(OTHERS)];

/** The kind of edit `number` (from 1): each kind once in as many edits as there are kinds. */
export function kindOf(seed: number, number: number): [string, Kind] {
  const round = Math.floor((number - 1) / KINDS.length);
  return random(seed * 7919 + round).shuffle(KINDS)[(number - 1) % KINDS.length] as [string, Kind];
}

/** A workspace on stand-ins with everything built, and what its tasks' hashes and artifacts are; taken from `directory` when it is there. */
export async function prepare(directory: string): Promise<Base> {
  const box = new Box(directory);
  const saved = join(directory, 'base.json');
  if (existsSync(saved)) return { box, ...(JSON.parse(readFileSync(saved, 'utf8')) as Omit<Base, 'box'>) };
  mkdirSync(directory, { recursive: true });
  copyWorkspace(box.workspace);
  const cache = join(directory, 'cache');
  shareStore(box.workspace, cache);
  installStandIns(box.workspace, cache);
  addFixtures(box);
  box.commit();
  const all = await work(box, { target: TARGET, build: 'all' });
  const failed = Object.keys(all.built).filter((target) => all.built[target] === 'failed');
  if (all.error !== undefined || failed.length > 0)
    throw new Error(`nothing was edited, and ${failed.join(', ')} cannot be built: ${all.error ?? ''}${all.output}`);
  cpSync(join(box.workspace, 'dist'), join(directory, 'pristine'), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  const { hashes, tools } = await work(box, { target: TARGET, build: [], contexts: join(directory, 'contexts') });
  const base = { hashes, tools, bytes: all.built };
  writeFileSync(saved, JSON.stringify(base));
  return { box, ...base };
}

/** A base of its own for another process. */
export async function copyBase({ box, ...known }: Base, directory: string): Promise<Base> {
  await execa('cp', ['-a', `${box.base}/.`, directory]);
  return { box: new Box(directory), ...known };
}

/**
 * Makes edit `number`, asks Nx, builds anew, compares, and undoes it. `hits` judges hits alone: whether a miss had a cause takes strace.
 */
export async function tryEdit(base: Base, seed: number, number: number, judged: 'all' | 'hits' = 'all'): Promise<Finding[]> {
  const { box } = base;
  const [kind, make] = kindOf(seed, number);
  const apply = (): Edit => make(box, random(seed * 104729 + number));
  const job = { target: TARGET, pristine: join(box.base, 'pristine') };
  try {
    const edit = apply();
    const first = await work(box, { ...job, build: edit.suspects });
    const changed = [...box.changed].map((path) => box.at(path).replace(`${box.base}/`, ''));
    box.restore();
    // Nx itself refuses: it takes nothing from the cache.
    if (first.error !== undefined)
      return [{ number, kind, what: `${edit.what} (${first.error.split('\n')[0]})`, target: '-', verdict: 'right', miss: true, otherBytes: undefined }];
    const missed = Object.keys(base.hashes).filter((target) => first.hashes[target] !== base.hashes[target]);
    const reading = new Set<string>(judged === 'hits' ? missed : []);
    // A file of the host that is part of a tool counts with the tool, used or not.
    if (changed.some((path) => path.startsWith('/'))) for (const target of missed) if (first.tools[target] !== base.tools[target]) reading.add(target);
    for (const target of missed) if (!reading.has(target) && (await reads(box, target, edit, changed))) reading.add(target);
    const surprising = missed.filter((target) => first.built[target] === undefined && !reading.has(target));
    const built = { ...first.built };
    if (surprising.length > 0) {
      apply();
      Object.assign(built, (await work(box, { ...job, build: surprising.slice(0, 2) })).built);
      box.restore();
    }
    return [...new Set([...Object.keys(built), ...surprising])].map((target): Finding => {
      const [miss, otherBytes] = [missed.includes(target), built[target] === undefined ? undefined : built[target] !== base.bytes[target]];
      return { number, kind, what: edit.what, target, miss, otherBytes, verdict: judge({ miss, otherBytes, reads: reading.has(target) }) };
    });
  } catch (error) {
    throw new Error(`edit ${number} (${kind}): ${String((error as Error).stack)}`, { cause: error });
  } finally {
    box.restore();
  }
}

/** Whether what was edited is something that the target reads: as a trace of the unedited build has it, or as the edit says. */
async function reads(box: Box, target: string, edit: Edit, changed: string[]): Promise<boolean> {
  if (edit.named?.includes(target)) return true;
  const paths = await usedBy(box, target);
  if (changed.some((path) => paths.includes(path))) return true;
  if (edit.programs?.some((name) => paths.some((path) => basename(path) === name && /\/s?bin\//.test(path)))) return true;
  return edit.npm?.some((name) => paths.some((path) => path.includes(`node_modules/${name}/`))) ?? false;
}

const used = new Map<string, Promise<string[]>>();

/** What a build of a target of the unedited workspace reads, and looks for in vain: paths below the base are relative to it. */
function usedBy(box: Box, target: string): Promise<string[]> {
  return used.get(target) ?? (used.set(target, traceTarget(box, target)).get(target) as Promise<string[]>);
}

async function traceTarget(box: Box, target: string): Promise<string[]> {
  const argv = command(box, ['node', join(box.workspace, 'tools/one-task/run.mjs'), join(box.base, 'contexts', `${target}.json`)]);
  const { uses, exitCode, output } = await trace(argv, { ...environment(box), log: join(box.base, 'trace'), begin: '/one-task/begin', end: '/one-task/end' });
  if (exitCode !== 0) throw new Error(`${target} of the unedited workspace fails under strace:\n${output}`);
  for (const place of [target, ...(target === 'iso' ? [`${IMAGE.name}.iso`] : [])]) {
    const artifact = join(dirname(distOf(target)), place);
    rmSync(join(box.workspace, 'dist', artifact), { recursive: true });
    cpSync(join(box.base, 'pristine', artifact), join(box.workspace, 'dist', artifact), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  return [...uses].filter(([, use]) => use.has('read') || use.has('run') || use.has('missing')).map(([path]) => path.replace(`${box.base}/`, ''));
}

/** Runs the worker as Nx would be run at the edited host. */
async function work(box: Box, job: Job): Promise<Answer & { output: string }> {
  const [jobFile, answerFile] = [join(box.base, 'job.json'), join(box.base, 'answer.json')];
  writeFileSync(jobFile, JSON.stringify(job));
  rmSync(answerFile, { force: true });
  const argv = ['node', '--import', '@swc-node/register/esm-register', join(box.workspace, 'tools/cache-truth/worker.ts'), jobFile, answerFile];
  const [file = '', ...args] = command(box, argv);
  const { all } = await execa(file, args, { ...environment(box), all: true, reject: false, timeout: 300_000 });
  if (!existsSync(answerFile)) throw new Error(`the worker said nothing:\n${String(all)}`);
  return { ...(JSON.parse(readFileSync(answerFile, 'utf8')) as Answer), output: String(all) };
}

/** `argv` with the box's umask and, in a mount namespace of its own, its mounts. */
function command({ umask, mounts }: Box, argv: string[]): string[] {
  const lines = [...mounts].map(([path, by]) => {
    if (!by.startsWith('overlay:')) return `mount --bind '${by}' '${path}'`;
    return `mount -t overlay overlay -o 'lowerdir=${by.slice('overlay:'.length)}:${path}' '${path}'`;
  });
  const script = [...lines, `umask ${umask.toString(8)}`, 'exec "$@"'].join(' && ');
  const unshare = mounts.size === 0 ? [] : ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
  return [...unshare, 'sh', '-c', script, 'sh', ...argv];
}

function environment(box: Box): { cwd: string; env: NodeJS.ProcessEnv; extendEnv: false } {
  const { before, after } = box.path;
  const usual = nxEnvironment();
  const env = {
    ...usual,
    PATH: [...before, PATH, ...after].join(':'),
    CONTAINER_OS_CACHE: join(box.base, 'cache'),
    CONTAINER_OS_COMPILER_LAUNCHER: 'none',
    // As .env has it, which only the command nx reads.
    NX_ISOLATE_PLUGINS: 'false',
    ...box.env,
  };
  return { cwd: box.workspace, env, extendEnv: false };
}

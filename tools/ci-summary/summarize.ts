import type { Assertion, Failure } from '@container-os/qemu';
import { stripVTControlCharacters } from 'node:util';

/** A task in Nx's `run.json`; times are ISO 8601. */
export interface NxTask {
  taskId: string;
  cacheStatus: 'cache-miss' | 'local-cache-hit' | 'local-cache-kept-existing' | 'remote-cache-hit' | string;
  /** Exit code. */
  status?: number;
  startTime: string;
  endTime: string;
}

/** A boot in the `report.json` of qemu-test and qemu-storage; times in seconds. */
export interface Boot {
  boot: string;
  seconds?: number;
  init?: number;
  /** Empty when the guest did not report. */
  assertions: Assertion[];
  failure?: Pick<Failure, 'code' | 'message'>;
}

export interface Run {
  tasks: NxTask[];
  artifacts: { file: string; size: string }[];
  boots: (Boot & { target: string })[];
  consoles: { name: string; text: string }[];
}

/** Lines of each console that are shown; the whole of it is in the uploaded artifact. */
const TAIL = 40;

/**
 * What a run did, as Markdown: tasks with their time and whether the cache had them, sizes, boots with what failed,
 * and the end of each console. Far below GitHub's limit of 1 MiB for a step summary.
 *
 * @example
 * summarize({ tasks, artifacts: [], boots: [], consoles: [] });
 */
export function summarize({ tasks, artifacts, boots, consoles }: Run): string {
  const hits = tasks.filter(({ cacheStatus }) => cacheStatus !== 'cache-miss').length;
  return [
    tasks.length === 0 ? '## Nothing to build' : `## ${tasks.length} targets, ${hits} from the cache`,
    table(
      ['target', 'cache', 'time', 'result'],
      tasks.map((task) => {
        const result = task.status ? `❌ exit code ${task.status}` : '✅';
        return [task.taskId, CACHE[task.cacheStatus] ?? task.cacheStatus, `${seconds(task)} s`, result];
      }),
    ),
    ...section('Boots', table(['target', 'boot', 'passed', 'failed', 'first process', 'whole'], boots.map(bootRow))),
    ...boots.flatMap(failures),
    ...section(
      'Sizes',
      table(
        ['artifact', 'size'],
        artifacts.map(({ file, size }) => [file, size]),
      ),
    ),
    ...consoles.map(({ name, text }) => `<details><summary>end of ${escape(name)}</summary>\n\n<pre>${escape(tail(text))}</pre>\n</details>`),
  ]
    .filter((one) => one !== '')
    .join('\n\n');
}

const CACHE: Record<string, string> = {
  'cache-miss': 'miss',
  'local-cache-hit': 'hit',
  'local-cache-kept-existing': 'hit, in place',
  'remote-cache-hit': 'remote hit',
};

function bootRow({ target, boot, assertions, failure, init, seconds: whole }: Boot & { target: string }): string[] {
  const failed = assertions.filter(({ found }) => found !== undefined).length;
  const verdict = failure ? `❌ ${failed === 0 ? failure.code : failed}` : String(failed);
  return [target, boot, String(assertions.length - failed), verdict, ...[init, whole].map((time) => (time === undefined ? '' : `${time.toFixed(1)} s`))];
}

function failures({ target, boot, assertions, failure }: Boot & { target: string }): string[] {
  const failed = assertions.flatMap(({ name, found }) => (found === undefined ? [] : [`${name}: ${found}`]));
  const all = failed.length === 0 && failure ? [failure.message] : failed;
  return all.map((one) => `- ❌ ${cell(`${target} ${boot}: ${one}`)}`);
}

function seconds({ startTime, endTime }: NxTask): string {
  return ((Date.parse(endTime) - Date.parse(startTime)) / 1000).toFixed(1);
}

function section(title: string, content: string): string[] {
  return content === '' ? [] : [`### ${title}`, content];
}

function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** What the OS or a test prints is data: it must end neither the cell nor the block that it is in. */
function cell(text: string): string {
  return escape(text).replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The last lines, without what steers a terminal and without empty lines, which end a block of HTML in Markdown. */
function tail(text: string): string {
  const lines = stripVTControlCharacters(text)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  return lines.slice(-TAIL).join('\n');
}

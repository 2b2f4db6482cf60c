import { columns, formatChange, type InputChange } from '@container-os/core';
import type { Explanation } from './explain.ts';

/**
 * The answer for a person: what changed, at the task that it concerns, then what follows of it.
 *
 * @example
 * format('base-vm:kernel', tasks);
 * // base-vm:kernel may be built:
 * //   base-vm:kernel-config  packages/image/bases/vm/kernel/network.config changed
 * //   base-vm:kernel         if the files of kernel-config come out different
 */
export function format(target: string, tasks: Explanation[]): string {
  const asked = tasks.at(-1);
  if (!asked) return `${target}: nothing to do`;
  const building = tasks.filter(({ verdict }) => verdict !== 'hit');
  if (asked.verdict === 'hit' && building.length === 0)
    return [
      `${target} would hit: ${asked.changes?.length ? 'the cache has these inputs from another build.' : 'nothing changed.'}`,
      ...history(asked, tasks),
    ].join('\n');
  const head = { hit: 'would hit; of what it depends on:', miss: 'would miss:', depends: 'may miss:' }[asked.verdict];
  return [`${target} ${head}`, ...table(building.map((one) => [one.task, reasons(one)]))].join('\n');
}

function reasons({ changes, verdict, waitsFor }: Explanation): string[] {
  const own = changes === null ? ['never built here'] : verdict === 'depends' ? [] : changes.map(formatChange);
  if (waitsFor.length > 0 && verdict === 'depends') return [...own, `if the files of ${waitsFor.map(short).join(', ')} come out different`];
  return own.length > 0 ? own : ['nothing changed, but the local cache does not have it (any more); a remote cache may'];
}

/** Why the artifacts that are there were built, from the one asked for down to the edit that was at the bottom of it. */
function history(asked: Explanation, tasks: Explanation[]): string[] {
  const told: [string, string[]][] = [];
  const tell = (one: Explanation): void => {
    if (!one.lastBuild || told.some(([task]) => task === one.task)) return;
    told.push([one.task, one.lastBuild.map(formatChange)]);
    for (const name of one.lastBuild.filter(({ kind }) => kind === 'artifact').map(maker)) {
      const task = tasks.find((other) => short(other.task) === name);
      if (task) tell(task);
    }
  };
  tell(asked);
  return told.length > 0 ? ['It was last built because:', ...table(told)] : [];
}

function table(rows: [string, string[]][]): string[] {
  return columns(rows.flatMap(([task, lines]) => lines.map((line, index) => [index === 0 ? `  ${task}` : '', line])));
}

/** `dist/container-os/base/vm/kernel/bzImage` was made by `kernel`. */
function maker({ name }: InputChange): string {
  return name.split('/').at(-2) ?? '';
}

function short(task: string): string {
  return task.split(':')[1] ?? task;
}

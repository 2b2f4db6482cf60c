import { isDeepStrictEqual } from 'node:util';
import type { ToolInput } from './hash/tools.ts';
import type { RecordedInputs } from './recorded-inputs.ts';

/** One input that is not as it was. `from` and `to` where the values tell something. */
export interface InputChange {
  kind: 'file' | 'artifact' | 'tool' | 'npm' | 'runtime' | 'option' | 'configuration' | 'argument' | 'other';
  name: string;
  change: 'added' | 'removed' | 'changed';
  from?: unknown;
  to?: unknown;
}

/**
 * What differs between two records of one target's inputs, in the order in which people look for it. An entry of
 * Nx's plan that differs although nothing of what it stands for does is named as it is: no difference is left out.
 *
 * @example
 * compareInputs(before, now); // [{ kind: 'option', name: 'timeout', change: 'changed', from: 3, to: 7 }]
 */
export function compareInputs(before: RecordedInputs, now: RecordedInputs): InputChange[] {
  const changes = [
    ...differences('file', before.files, now.files).map(withoutValues),
    ...differences('option', before.options, now.options),
    ...differences('configuration', before.configuration, now.configuration),
    ...differences('argument', before.arguments, now.arguments),
    ...differences('tool', before.tools, now.tools),
    ...differences('npm', before.npm, now.npm),
    ...differences('runtime', before.runtime, now.runtime),
    ...differences('artifact', before.artifacts, now.artifacts).map(withoutValues),
  ];
  return changes.length > 0 ? changes : differences('other', before.plan, now.plan).map(withoutValues);
}

function differences(kind: InputChange['kind'], before: Record<string, unknown>, now: Record<string, unknown>): InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name): InputChange[] => {
    const [from, to] = [before[name], now[name]];
    if (isDeepStrictEqual(from, to)) return [];
    return [{ kind, name, change: from === undefined ? 'added' : to === undefined ? 'removed' : 'changed', from, to }];
  });
}

/** Of a hash, people only want to know that it is another one. */
function withoutValues({ kind, name, change }: InputChange): InputChange {
  return { kind, name, change };
}

/**
 * A change as a person reads it.
 *
 * @example
 * formatChange({ kind: 'option', name: 'timeout', change: 'changed', from: 3, to: 7 }); // 'option timeout: 3 → 7'
 */
export function formatChange({ kind, name, change, from, to }: InputChange): string {
  switch (kind) {
    case 'file':
    case 'artifact':
      return `${name} ${change}`;
    case 'tool':
      return toolChange(name, from as ToolInput | undefined, to as ToolInput | undefined);
    case 'npm':
      return `npm package ${name} ${text(from)} → ${text(to)}`;
    case 'runtime':
      return `output of ${name} changed`;
    case 'option':
    case 'configuration':
    case 'argument': {
      const what = kind === 'option' ? 'option' : kind === 'argument' ? 'command-line option' : "the target's";
      return `${what} ${name}: ${listDifference(from, to) ?? `${value(from)} → ${value(to)}`}`;
    }
    case 'other':
      return `${name} ${change}`;
  }
}

/** With its versions where these tell something, else with the files that differ. */
function toolChange(name: string, from: ToolInput | undefined, to: ToolInput | undefined): string {
  const [before, now] = [version(name, from), version(name, to)];
  if (before !== now)
    return before === '' || now === '' ? `${name} ${from?.version === 'missing' || !from ? 'was installed' : 'was removed'}` : `${name} ${before} → ${now}`;
  if (from?.version !== to?.version) return `${value(from?.version)} → ${value(to?.version)}`;
  const files = Object.keys({ ...from?.files, ...to?.files }).filter((file) => from?.files[file] !== to?.files[file]);
  const more = files.length > 4 ? ` and ${files.length - 3} more` : '';
  return `${name} ${before}: the same version, but other bytes: ${files.slice(0, more ? 3 : 4).join(', ')}${more}`;
}

/** `gcc (Debian 12.2.0-14) 12.2.0` is `12.2.0`. */
function version(name: string, tool: ToolInput | undefined): string {
  if (!tool || tool.version === 'missing') return 'none';
  if (tool.version === name) return '';
  return /\d+(?:\.[\w+~-]+)+(?=\)?$)/.exec(tool.version)?.[0] ?? /\d+(?:\.\w+)+/.exec(tool.version)?.[0] ?? tool.version;
}

function text(of: unknown): string {
  return typeof of === 'string' && of !== '' ? of : 'none';
}

function value(of: unknown): string {
  return of === undefined ? 'none' : JSON.stringify(of);
}

/** Of long lists, what came and what went. */
function listDifference(from: unknown, to: unknown): string | undefined {
  if (!Array.isArray(from) || !Array.isArray(to)) return undefined;
  const went = from.filter((one) => !to.some((other) => isDeepStrictEqual(one, other)));
  const came = to.filter((one) => !from.some((other) => isDeepStrictEqual(one, other)));
  if (went.length + came.length === 0) return 'another order';
  return [...went.map((one) => `−${JSON.stringify(one)}`), ...came.map((one) => `+${JSON.stringify(one)}`)].join(', ');
}

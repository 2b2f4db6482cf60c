import { isDeepStrictEqual } from 'node:util';
import type { RecordedInputs } from './recorded-inputs.ts';

/** One input that is not as it was. `from` and `to` where the values tell something. */
export interface InputChange {
  kind: 'file' | 'artifact' | 'tool' | 'npm' | 'option' | 'configuration' | 'argument' | 'other';
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
 * compareInputs(before, now); // [{ kind: 'tool', name: 'gcc', change: 'changed', from: 'gcc 12.2.0', to: 'gcc 13.1.0' }]
 */
export function compareInputs(before: RecordedInputs, now: RecordedInputs): InputChange[] {
  const changes = [
    ...differences('file', before.files, now.files).map(withoutValues),
    ...differences('option', before.options, now.options),
    ...differences('configuration', before.configuration, now.configuration),
    ...differences('argument', before.arguments, now.arguments),
    ...differences('tool', before.tools, now.tools),
    ...differences('npm', before.npm, now.npm),
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
 * formatChange({ kind: 'tool', name: 'gcc', change: 'changed', from: 'gcc 12.2.0', to: 'gcc 13.1.0' }); // 'gcc 12.2.0 → 13.1.0'
 */
export function formatChange({ kind, name, change, from, to }: InputChange): string {
  switch (kind) {
    case 'file':
    case 'artifact':
      return `${name} ${change}`;
    case 'tool': {
      const versions = [version(name, from), version(name, to)];
      // Only the distribution's revision differs: then the whole line.
      return versions[0] === versions[1] ? `${value(from)} → ${value(to)}` : `${name} ${versions.join(' → ')}`;
    }
    case 'npm':
      return `npm package ${name} ${version(name, from)} → ${version(name, to)}`;
    case 'option':
    case 'configuration':
    case 'argument': {
      const what = kind === 'option' ? 'option' : kind === 'argument' ? 'command-line option' : 'the target\'s';
      return `${what} ${name}: ${listDifference(from, to) ?? `${value(from)} → ${value(to)}`}`;
    }
    case 'other':
      return `${name} ${change}`;
  }
}

/** `gcc (Debian 12.2.0-14) 12.2.0` is `12.2.0`; `deb:` packages and npm have no more than a version. */
function version(name: string, text: unknown): string {
  if (typeof text !== 'string' || text === '' || text === 'missing') return 'none';
  if (name.startsWith('deb:')) return text;
  return text.startsWith(`${name} (`) || text.includes(' ') ? (/\d+(?:\.[\w.+~-]+)?$/.exec(text)?.[0] ?? text) : text;
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

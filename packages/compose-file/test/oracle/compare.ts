import { isDeepStrictEqual } from 'node:util';
import type { Answer } from './case.ts';
import { losses, refusals } from './differences.ts';
import type { Ours } from './ours.ts';
import { ComposeError } from '../../src/errors.ts';

/** What is different between the answers, undefined when they say the same or differ wilfully. */
export function difference(ours: Ours, theirs: Answer): string | undefined {
  if ('error' in ours) {
    if (!(ours.error instanceof ComposeError)) return `we fail: ${ours.error instanceof Error ? ours.error.stack : String(ours.error)}`;
    const { message } = ours.error;
    return 'refused' in theirs || losses.some(([lost]) => lost.test(message)) ? undefined : `the reference takes it; we refuse: ${message}`;
  }
  if ('refused' in theirs && refusals.some(([message]) => message.test(theirs.refused))) return undefined;
  if ('refused' in theirs) return `we take it; the reference refuses: ${theirs.refused}`;
  return isDeepStrictEqual(ours.config, theirs.config) ? undefined : differentValues(ours.config, theirs.config, '').join('\n');
}

function differentValues(ours: unknown, theirs: unknown, at: string): string[] {
  if (isDeepStrictEqual(ours, theirs)) return [];
  if (!isObject(ours) || !isObject(theirs) || Array.isArray(ours) !== Array.isArray(theirs)) {
    return [`${at}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`];
  }
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) => differentValues(ours[key], theirs[key], `${at}.${key}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

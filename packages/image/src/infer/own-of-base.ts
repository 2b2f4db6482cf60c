import { posix } from 'node:path';
import type { XOs } from '../x-os.schema.d.ts';
import type { Base } from './base.ts';
import type { Plugin } from './plugins.ts';
import { reads, type TargetPlan } from './target.ts';

/** The base's targets that this image changes, and those that read what they make. */
export function ownOfBase(
  { root, xOs }: { root: string; xOs: XOs },
  base: Base,
  plans: Record<string, TargetPlan>,
  plugin: (executor: string) => Plugin,
): Record<string, TargetPlan> {
  const own: Record<string, TargetPlan> = {};
  const changes: Record<string, Record<string, unknown> | undefined> = { 'kernel-config': xOs.kernel, busybox: xOs.busybox };
  const entries = Object.entries(base.targets);
  for (let before = -1; before !== Object.keys(own).length;) {
    before = Object.keys(own).length;
    for (const [name, planned] of entries) {
      if (name in own || name in plans) continue;
      const change = changes[name];
      if (change || reads(planned, plugin(planned.executor)).some((target) => target in own)) own[name] = forImage(planned, base, root, change);
    }
  }
  return own;
}

/** A target of the base in an image: the base's files are named from there, and its own fragments follow them. */
function forImage(
  planned: TargetPlan,
  base: Base,
  root: string,
  { base: configuration, fragments = [] }: { base?: string; fragments?: string[] } = {},
): TargetPlan {
  const rebase = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rebase);
    return typeof value === 'string' && value.includes('/') ? posix.relative(root, posix.join(base.root, value)) : value;
  };
  const change = (options: Record<string, unknown>): Record<string, unknown> => {
    const rebased = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, rebase(value)]));
    return {
      ...rebased,
      ...(configuration !== undefined && 'base' in rebased ? { base: configuration } : {}),
      ...(Array.isArray(rebased['fragments']) ? { fragments: [...rebased['fragments'], ...fragments] } : {}),
    };
  };
  const { options = {}, configurations = {} } = planned;
  return {
    ...planned,
    options: change(options),
    ...(planned.configurations ? { configurations: Object.fromEntries(Object.entries(configurations).map(([name, one]) => [name, change(one)])) } : {}),
  };
}

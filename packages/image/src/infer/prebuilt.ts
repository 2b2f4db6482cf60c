import { LOCK_FILE, packageOf, parseLock, type PrebuiltLock } from '@container-os/prebuilt/lock';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TargetPlan } from './target.ts';
import type { Texts } from './texts.ts';

/** Where the artifacts of a base come from. */
export type Sources = 'prebuilt' | 'source';

/** What the plugin's options say of prebuilt artifacts. */
export interface PrebuiltOptions {
  /** Of images that do not say so. */
  sources: Sources;
  /** A lock file of the workspace, in place of the installed package's. */
  prebuiltLock?: string | undefined;
}

/**
 * The lock file that this workspace trusts; undefined where there is none.
 *
 * @throws BuildError LOCK_INVALID
 */
export function readPrebuiltLock(platform: string, { prebuiltLock }: PrebuiltOptions, workspaceRoot: string, texts: Texts): PrebuiltLock | undefined {
  const name = packageOf(platform);
  const places = prebuiltLock === undefined ? [join(workspaceRoot, 'node_modules', name, LOCK_FILE), ...ofPlugin(name)] : [join(workspaceRoot, prebuiltLock)];
  for (const place of places) {
    const text = texts.read(place);
    if (text !== undefined) return parseLock(place, text, platform);
  }
  return undefined;
}

/** With pnpm, only the plugin, whose dependency it is, finds the package. */
function ofPlugin(name: string): string[] {
  try {
    return [createRequire(import.meta.url).resolve(`${name}/${LOCK_FILE}`)];
  } catch {
    return [];
  }
}

/** The target that takes `artifact` as the lock names it. In `configurations` the artifact would be another one: it refuses them. */
export function prebuiltPlan(
  artifact: string,
  { description }: TargetPlan,
  lock: PrebuiltLock | undefined,
  platform: string,
  configurations: readonly string[],
): TargetPlan {
  const { origin } = lock ?? {};
  return {
    executor: '@container-os/prebuilt:prebuilt',
    ...(description === undefined ? {} : { description }),
    options: { package: packageOf(platform), ...(origin === undefined ? {} : { origin }), ...lock?.artifacts[artifact] },
    ...(configurations.length > 0 ? { configurations: Object.fromEntries(configurations.map((name) => [name, { configuration: name }])) } : {}),
  };
}

/** The target that compares `artifacts`, built from source, with the lock. */
export function verifyPlan(artifacts: readonly string[], lock: PrebuiltLock | undefined): TargetPlan {
  const locked = lock?.artifacts ?? {};
  const named = artifacts.filter((artifact) => locked[artifact]);
  return {
    executor: '@container-os/prebuilt:verify-prebuilt',
    options: { artifacts: named, locked: Object.fromEntries(named.map((artifact) => [artifact, locked[artifact]])) },
  };
}

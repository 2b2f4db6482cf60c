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
  /** Where the target `update-prebuilt` gets that file, which is signed. */
  prebuiltUrl?: string | undefined;
  /** The fingerprint of the key that signs it. */
  prebuiltKey?: string | undefined;
}

/**
 * The lock file that this workspace trusts; undefined where there is none.
 *
 * @throws BuildError LOCK_INVALID
 */
export function readPrebuiltLock(platform: string, options: PrebuiltOptions, workspaceRoot: string, texts: Texts): PrebuiltLock | undefined {
  const name = packageOf(platform);
  const own = ownLock(options);
  const places = own === undefined ? [join(workspaceRoot, 'node_modules', name, LOCK_FILE), ...ofPlugin(name)] : [join(workspaceRoot, own)];
  for (const place of places) {
    const text = texts.read(place);
    if (text !== undefined) return parseLock(place, text, platform);
  }
  return undefined;
}

/** What comes from a URL lies at the workspace's root, unless nx.json says otherwise. */
function ownLock({ prebuiltLock, prebuiltUrl }: PrebuiltOptions): string | undefined {
  return prebuiltLock ?? (prebuiltUrl === undefined ? undefined : LOCK_FILE);
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

/** The target that brings the lock file from its URL into the workspace. Inference itself fetches nothing. */
export function updatePlan(platform: string, options: PrebuiltOptions): TargetPlan {
  const { prebuiltUrl: url, prebuiltKey: key } = options;
  const given = Object.entries({ platform, lock: ownLock(options), url, key }).filter(([, value]) => value !== undefined);
  return { executor: '@container-os/prebuilt:update-prebuilt', options: Object.fromEntries(given) };
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

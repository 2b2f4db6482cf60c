import { BuildError } from '@container-os/core/errors';
import { stablePath } from '@container-os/core/hash/modules';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { XOs } from '../x-os.schema.d.ts';
import type { PlaceOf } from './x-os.ts';
import { prebuiltPlan, readPrebuiltLock, updatePlan, verifyPlan, type PrebuiltOptions, type Sources } from './prebuilt.ts';
import { completeTarget, reads, type Place, type TargetPlan } from './target.ts';
import { projectOfPlugin, type Plugin } from './plugins.ts';
import { parseText, type Texts } from './texts.ts';
import type { PrebuiltLock } from '@container-os/prebuilt/lock';
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';

/** What all images of a base share: its targets are built once. */
export interface Base {
  description: string;
  targets: Record<string, TargetPlan>;
  /** Targets whose layers make the root file system, before those of the image; `{ociRuntime}` is the image's. */
  layers: string[];
  /** Targets whose artifacts no image changes by itself: these can come prebuilt. */
  prebuilt: string[];
  /** Defaults of an image's x-os. */
  'x-os': XOs;
  name: string;
  /** Relative to the workspace. */
  root: string;
  /** The base and the architecture: `vm-amd64`. */
  platform: string;
  /** Where its targets take the artifacts of `prebuilt` from, in this workspace. Those of the other way have a prefix. */
  sources: Sources;
  lock?: PrebuiltLock | undefined;
  /** Gets that lock from a URL. */
  update: TargetPlan;
}

const BASES = fileURLToPath(new URL('../../bases', import.meta.url));

/** @throws BuildError BASE_MISSING, LOCK_INVALID */
export function readBase(
  { xOs: { base: name = 'vm', architecture = 'amd64' }, placeOf }: { xOs: XOs; placeOf: PlaceOf },
  workspaceRoot: string,
  texts: Texts,
  options: PrebuiltOptions,
): Base {
  const directory = join(BASES, name);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || texts.read(join(directory, 'base.json')) === undefined) {
    throw new BuildError('BASE_MISSING', `${placeOf(['x-os', 'base'])}: x-os.base: there is no base ${JSON.stringify(name)}`, {
      hint: 'Delete the key: the base vm is for virtual machines and, with -c pc, for PCs.',
    });
  }
  const base = parseText<Omit<Base, 'name' | 'root' | 'platform' | 'sources' | 'lock' | 'update'>>(texts, join(directory, 'base.json'));
  const platform = `${name}-${architecture}`;
  return {
    ...base,
    name,
    root: stablePath(directory, workspaceRoot),
    platform,
    sources: options.sources,
    lock: readPrebuiltLock(platform, options, workspaceRoot, texts),
    update: updatePlan(platform, options),
  };
}

/** The project's name. */
export function projectOf({ name }: Base): string {
  return `base-${name}`;
}

/**
 * Its folder is that of an installed package: Nx has no files of it, so that a task whose inputs reach into the projects that its own depends on
 * (`^default`) would fail. What changes there is the package's version.
 */
export function isInstalled({ root }: Base): boolean {
  return root.startsWith('node_modules/');
}

/** The target of the base that makes `artifact`, prebuilt or from source. */
export function targetOf(artifact: string, sources: Sources, base: Base): string {
  return sources === base.sources || !base.prebuilt.includes(artifact) ? artifact : `${sources}-${artifact}`;
}

/**
 * Its targets; those of `prebuilt` from where this workspace takes them. A workspace that takes them prebuilt can build each from source too, at another
 * place, to compare, or for an image that wants that; the other way round only for an image that wants it (`wanted`).
 */
export function baseProject(base: Base, wanted: Sources, plugin: (executor: string) => Plugin): ProjectConfiguration {
  const complete = (name: string, plan: TargetPlan, place: Partial<Place>): TargetConfiguration =>
    completeTarget(name, plan, plugin(plan.executor), {
      root: base.root,
      artifacts: `dist/container-os/base/${base.name}`,
      dependency: (artifact) => targetOf(artifact, base.sources, base),
      ...place,
    });
  const planOf = (name: string, plan: TargetPlan, sources: Sources): TargetPlan =>
    sources === 'source' ? plan : prebuiltPlan(name, plan, base.lock, base.platform, configurationsOf(name, base, plugin));
  const fromSource = { dependency: (artifact: string) => targetOf(artifact, 'source', base) };
  const targets = Object.entries(base.targets).map(([name, plan]) => {
    const isPrebuilt = base.prebuilt.includes(name);
    return [name, complete(name, isPrebuilt ? planOf(name, plan, base.sources) : plan, {})] as const;
  });
  const others = (['source', 'prebuilt'] as const)
    .filter((sources) => sources !== base.sources && (sources === 'source' || sources === wanted))
    .flatMap((sources) =>
      base.prebuilt.flatMap((name) => {
        const plan = base.targets[name];
        const place = { artifacts: `dist/container-os/base/${base.name}/${sources}`, ...fromSource };
        return plan ? [[targetOf(name, sources, base), complete(name, planOf(name, plan, sources), place)] as const] : [];
      }),
    );
  const packed = { executor: '@container-os/prebuilt:prebuild', options: { artifacts: base.prebuilt, platform: base.platform } };
  const own: Record<string, TargetConfiguration> = {
    ...Object.fromEntries([...targets, ...others]),
    prebuild: complete(base.platform, packed, { artifacts: 'dist/prebuilt', ...fromSource }),
    ...(base.lock || base.sources === 'prebuilt' ? { 'verify-prebuilt': complete('verify-prebuilt', verifyPlan(base.prebuilt, base.lock), fromSource) } : {}),
    'update-prebuilt': complete('update-prebuilt', base.update, {}),
  };
  const executors = [...Object.values(base.targets), ...Object.values(own)].flatMap(({ executor }) => executor ?? []);
  return {
    name: projectOf(base),
    root: base.root,
    projectType: 'library',
    implicitDependencies: [...new Set(executors.flatMap((executor) => projectOfPlugin(plugin(executor))))].sort(),
    targets: own,
    metadata: { description: base.description },
  };
}

/** The configurations in which a target makes another artifact: it, or what it reads, has options for them. */
function configurationsOf(name: string, base: Base, plugin: (executor: string) => Plugin): string[] {
  const plan = base.targets[name];
  if (!plan) return [];
  const below = reads(plan, plugin(plan.executor)).flatMap((target) => configurationsOf(target, base, plugin));
  return [...new Set([...Object.keys(plan.configurations ?? {}), ...below])].sort();
}

import { BuildError } from '@container-os/core/errors';
import { stablePath } from '@container-os/core/hash/modules';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { XOs } from '../x-os.schema.d.ts';
import type { PlaceOf } from './x-os.ts';
import { completeTarget, type TargetPlan } from './target.ts';
import { projectOfPlugin, type Plugin } from './plugins.ts';
import { parseText, type Texts } from './texts.ts';
import type { ProjectConfiguration } from '@nx/devkit';

/** What all images of a base share: its targets are built once. */
export interface Base {
  description: string;
  targets: Record<string, TargetPlan>;
  /** Targets whose layers make the root file system, before those of the image; `{ociRuntime}` is the image's. */
  layers: string[];
  /** Defaults of an image's x-os. */
  'x-os': XOs;
  name: string;
  /** Relative to the workspace. */
  root: string;
}

const BASES = fileURLToPath(new URL('../../bases', import.meta.url));

/** @throws BuildError BASE_MISSING */
export function readBase({ xOs: { base: name = 'vm' }, placeOf }: { xOs: XOs; placeOf: PlaceOf }, workspaceRoot: string, texts: Texts): Base {
  const directory = join(BASES, name);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || texts.read(join(directory, 'base.json')) === undefined) {
    throw new BuildError('BASE_MISSING', `${placeOf(['x-os', 'base'])}: x-os.base: there is no base ${JSON.stringify(name)}`, {
      hint: 'Delete the key: the base vm is for virtual machines and, with -c pc, for PCs.',
    });
  }
  const base = parseText<Omit<Base, 'name' | 'root'>>(texts, join(directory, 'base.json'));
  return { ...base, name, root: stablePath(directory, workspaceRoot) };
}

/** The project's name. */
export function projectOf({ name }: Base): string {
  return `base-${name}`;
}

export function baseProject(base: Base, plugin: (executor: string) => Plugin): ProjectConfiguration {
  const place = { root: base.root, artifacts: `dist/container-os/base/${base.name}`, dependency: (target: string) => target };
  const plugins = Object.values(base.targets).flatMap(({ executor }) => projectOfPlugin(plugin(executor)));
  return {
    name: projectOf(base),
    root: base.root,
    projectType: 'library',
    implicitDependencies: [...new Set(plugins)].sort(),
    targets: Object.fromEntries(Object.entries(base.targets).map(([name, plan]) => [name, completeTarget(name, plan, plugin(plan.executor), place)])),
    metadata: { description: base.description },
  };
}

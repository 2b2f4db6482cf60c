import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../files.ts';

/** The image that tests build, and its base. Paths are relative to the workspace, `dist` to that directory. */
export const IMAGE = { name: 'demo-os', root: 'os-images/demo-os', dist: 'os-images/demo-os' } as const;
export const BASE = { name: 'base-vm', root: 'packages/image/bases/vm', dist: 'container-os/base/vm' } as const;

/** Options that a target has besides or instead of those that it had, and what it waits for instead. */
export interface TargetChange {
  options?: Record<string, unknown>;
  dependsOn?: unknown[];
}

interface Targets {
  targets: Record<string, TargetChange | undefined>;
}

const ofBase = Object.keys((JSON.parse(readFileSync(join(root, BASE.root, 'base.json'), 'utf8')) as Targets).targets);

/** As Nx calls a target of the image or of its base: `base-vm:kernel`. */
export function taskOf(target: string): string {
  return `${(ofBase.includes(target) ? BASE : IMAGE).name}:${target}`;
}

/** Where the artifact of such a target lies below `dist`; `path` may go on: `kernel/bzImage`. */
export function distOf(path: string): string {
  const [target = ''] = path.split('/');
  return `${(ofBase.includes(target) ? BASE : IMAGE).dist}/${path}`;
}

/**
 * The edit that changes a target: one of the base stands in base.json; what the image's compose.yaml has no word for stands in a project.json
 * beside it, which Nx merges over what the plugin infers.
 */
export function withTarget(target: string, { options, ...change }: TargetChange): { file: string; edit: (text: string) => string } {
  const isOfBase = ofBase.includes(target);
  return {
    file: isOfBase ? `${BASE.root}/base.json` : `${IMAGE.root}/project.json`,
    edit: (text) => {
      const project = JSON.parse(text || `{ "name": "${IMAGE.name}", "targets": {} }`) as Targets;
      const before = project.targets[target];
      if (isOfBase && !before) throw new Error(`${BASE.root}/base.json has no target ${target}`);
      project.targets[target] = { ...before, ...change, ...(options ? { options: { ...before?.options, ...options } } : {}) };
      return JSON.stringify(project, null, 2);
    },
  };
}

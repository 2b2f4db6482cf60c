import type { TargetConfiguration } from '@nx/devkit';
import { join } from 'node:path';
import { BuildError } from './errors.ts';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** What decides which files a target hashes. */
export interface DeclaredInputs {
  /** The project's root, relative to the workspace. */
  root: string;
  inputs: Inputs;
  namedInputs: Record<string, Inputs>;
}

/** The absolute path of `path` (relative to the project's root), or `INPUT_NOT_DECLARED` when no input covers it. */
export function declaredFile(path: string, declared: DeclaredInputs, workspaceRoot: string, target: string): string {
  const file = join(declared.root, path);
  const patterns = filePatterns(declared.inputs, declared);
  const covered = patterns.some((pattern) => (pattern.endsWith('/**') ? file === pattern.slice(0, -3) || file.startsWith(pattern.slice(0, -2)) : file === pattern));
  if (covered) return join(workspaceRoot, file);
  throw new BuildError('INPUT_NOT_DECLARED', `${target} reads ${file}, its "inputs" cover ${JSON.stringify(patterns)}`, {
    hint: `Add "{projectRoot}/${path}" (a directory: with /** after it) to the target's inputs, so that an edit builds it again.`,
  });
}

/** The file patterns among `inputs`, named inputs expanded; `dir/**` for `dir/**\/*`. Exclusions and inputs of other projects do not count. */
function filePatterns(inputs: Inputs, declared: DeclaredInputs): string[] {
  return inputs.flatMap((input) => {
    const text = typeof input === 'string' ? input : 'fileset' in input && typeof input.fileset === 'string' ? input.fileset : undefined;
    if (text === undefined || text.startsWith('!') || text.startsWith('^')) return [];
    if (!text.startsWith('{')) return filePatterns(declared.namedInputs[text] ?? [], declared);
    return [interpolate(text, declared.root).replace(/\/\*\*\/\*$/, '/**')];
  });
}

/** Fills in the tokens that Nx knows: `{workspaceRoot}`, `{projectRoot}`, `{options.name}`. */
export function interpolate(text: string, projectRoot: string, options: unknown = {}): string {
  return text
    .replace('{workspaceRoot}/', '')
    .replace('{projectRoot}', projectRoot)
    .replace(/\{options\.(\w+)\}/g, (_, name: string) => String((options as Record<string, unknown>)[name]));
}

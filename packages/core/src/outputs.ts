import { BuildError } from './errors.ts';

/** A target whose `outputs` do not name what it writes (`expected`, relative to the workspace) would be restored from the cache without it. */
export function requireOutput(expected: string, outputs: readonly string[], { id, root, options }: { id: string; root: string; options: unknown }): void {
  const declared = outputs.map((output) => interpolate(output, root, options));
  if (declared.includes(expected)) return;
  throw new BuildError('OUTPUT_NOT_DECLARED', `${id} writes ${expected}, but its "outputs" are ${JSON.stringify(declared)}`, {
    hint: `Add "{workspaceRoot}/${expected.replace(root, '{projectRoot}')}" to the target's outputs.`,
  });
}

/** Fills in the tokens that Nx knows: `{workspaceRoot}`, `{projectRoot}`, `{options.name}`. */
export function interpolate(text: string, projectRoot: string, options: unknown = {}): string {
  return text
    .replace('{workspaceRoot}/', '')
    .replace('{projectRoot}', projectRoot)
    .replace(/\{options\.(\w+)\}/g, (_, name: string) => String((options as Record<string, unknown>)[name]));
}

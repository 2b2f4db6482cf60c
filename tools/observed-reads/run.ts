import { execa } from 'execa';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../files.ts';
import { createStandInWorkspace, type StandInWorkspace } from '../stand-in/workspace.ts';
import { nxEnvironment } from '../workspace-copy.ts';
import type { Comparison } from './inside.ts';

/** Builds the targets `names` of demo-os, or all of its ISO, on stand-ins. `edit` changes the workspace before. */
export async function observeStandIns(names: readonly string[], edit?: (workspace: StandInWorkspace) => void): Promise<Comparison[]> {
  const workspace = createStandInWorkspace();
  try {
    edit?.(workspace);
    return await observe(workspace.directory, 'demo-os', names, { CONTAINER_OS_CACHE: workspace.cache, CONTAINER_OS_COMPILER_LAUNCHER: 'none' });
  } finally {
    workspace.remove();
  }
}

/** Builds the targets `names` of an image of this workspace, for which all that they depend on must be built. */
export function observeHere(image: string, names: readonly string[]): Promise<Comparison[]> {
  return observe(root, image, names, {});
}

async function observe(directory: string, image: string, names: readonly string[], env: NodeJS.ProcessEnv): Promise<Comparison[]> {
  const answers = mkdtempSync(join(tmpdir(), 'observed-'));
  try {
    const answer = join(answers, 'answer.json');
    const argv = ['--import', '@swc-node/register/esm-register', join(directory, 'tools/observed-reads/inside.ts'), answer, `${image}:iso`, ...names];
    await execa('node', argv, { cwd: directory, env: { ...nxEnvironment(), ...env }, extendEnv: false, stdout: 'ignore' });
    return JSON.parse(readFileSync(answer, 'utf8')) as Comparison[];
  } finally {
    rmSync(answers, { recursive: true });
  }
}

/** A line for each path, then a line for each target. */
export function formatComparisons(comparisons: readonly Comparison[], show: { unused: boolean }): string {
  return comparisons
    .flatMap(({ target, failed, undeclared, unused, paths }) => [
      `${target}: ${failed !== undefined ? 'FAILED; ' : ''}${paths} paths, ` +
        `${undeclared.length} read that its hash does not hold, ${unused.length} held that nobody read`,
      ...undeclared.map(({ path, use, by }) => `  ${use} ${path} (by ${[...new Set(by)].join(', ')})`),
      ...(show.unused ? unused.map((path) => `  not read: ${path}`) : []),
      ...(failed !== undefined ? [failed.slice(-2000)] : []),
    ])
    .join('\n');
}

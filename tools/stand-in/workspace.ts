import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nxRun, type NxRun } from '../nx.ts';
import { copyWorkspace } from '../workspace-copy.ts';
import { installStandIns, shareStore } from './install.ts';
import { distOf, taskOf, withTarget, type TargetChange } from './targets.ts';

/** Compile Linux and BusyBox and boot the image in these tests too, instead of stand-ins: `npm run e2e:real`. */
export const REAL = process.env['CONTAINER_OS_E2E'] === 'real';

/** A copy of the workspace: the real nx, plugins and wiring of demo-os; compiles and boot are stand-ins unless {@link REAL}. */
export interface StandInWorkspace {
  /** Holds the workspace and all else; removed by `remove`. */
  base: string;
  directory: string;
  /** The user cache of its builds. */
  cache: string;
  /** Runs a target of demo-os or of its base. */
  run(target: string, env?: NodeJS.ProcessEnv, directory?: string): Promise<NxRun>;
  /** The directory of the artifact of such a target. */
  artifact(target: string): string;
  /** Changes a file until `restore`; `change` gets '' for a file that is not there. */
  edit(path: string, change: (text: string) => string): void;
  /** Changes a target of demo-os or of its base until `restore`. */
  editTarget(target: string, change: TargetChange): void;
  restore(): void;
  remove(): void;
}

const BOOT = `import { defineExecutor } from '@container-os/core';
export default defineExecutor<object, null>({ plan: () => null, run: () => Promise.resolve({ name: 'stand-in', version: '0', licence: 'Apache-2.0' }) });
`;

export function createStandInWorkspace(): StandInWorkspace {
  const base = mkdtempSync(join(tmpdir(), 'stand-in-'));
  const directory = join(base, 'workspace');
  const cache = join(base, 'cache');
  const undo: (() => void)[] = [];
  copyWorkspace(directory);
  shareStore(directory, cache);
  if (!REAL) {
    installStandIns(directory, cache);
    writeFileSync(join(directory, 'packages/qemu/src/qemu-test/executor.ts'), BOOT);
    // QuickJS is most of what is left to compile.
    edit('packages/cosctl/src/compile.ts', (text) => text.replace("'-Os'", "'-O0'"));
    undo.length = 0;
  }

  function edit(path: string, change: (text: string) => string): void {
    const file = join(directory, path);
    const before = read(file);
    const after = change(before ?? '');
    if (after === before) throw new Error(`${path}: the edit changed nothing`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, after);
    undo.push(() => (before === undefined ? rmSync(file) : writeFileSync(file, before)));
  }

  return {
    base,
    directory,
    cache,
    run: (target, env = {}, where = directory) => nxRun(where, taskOf(target), { CONTAINER_OS_CACHE: cache, ...env }),
    artifact: (target) => join(directory, 'dist', distOf(target)),
    edit,
    editTarget: (target, change) => {
      const { file, edit: apply } = withTarget(target, change);
      edit(file, apply);
    },
    restore: () => {
      while (undo.length > 0) undo.pop()?.();
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

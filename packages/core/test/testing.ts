// What tests of executors share, as @container-os/core/testing: a workspace of one image, `demo`.
import type { ExecutorContext } from '@nx/devkit';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';

type Executor<Options> = (options: Options, context: ExecutorContext) => Promise<{ success: boolean }>;

interface Target {
  dependsOn?: string[];
}

/** A workspace in a temporary directory with a user cache of its own, new for every test of the file that made it. */
export interface TestWorkspace {
  readonly root: string;
  /** `CONTAINER_OS_CACHE`. */
  readonly cache: string;
  /** What the executors printed. */
  readonly written: string;
  /** The directory of a target's artifact. */
  artifact(target: string): string;
  /** Writes a file of the image. */
  write(path: string, text: string): Promise<void>;
  /** Runs `executor` as `nx run demo:<target>` does; true when the task succeeded. */
  run<Options>(executor: Executor<Options>, target: string, options: Options, configuration?: Target): Promise<boolean>;
}

/** Makes a {@link TestWorkspace} before and removes it after each test. */
export function useWorkspace(): TestWorkspace {
  const current = { root: '', written: '' };
  const artifact = (target: string): string => join(current.root, 'dist/os-images/demo', target);
  const cache = (): string => join(current.root, 'cache');

  beforeEach(async () => {
    current.root = await mkdtemp(join(tmpdir(), 'workspace-'));
    current.written = '';
    vi.stubEnv('CONTAINER_OS_CACHE', cache());
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => ((current.written += String(text)), true));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await rm(current.root, { recursive: true });
  });

  return {
    get root() {
      return current.root;
    },
    get cache() {
      return cache();
    },
    get written() {
      return current.written;
    },
    artifact,
    async write(path, text) {
      const file = join(current.root, 'os-images/demo', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    async run(executor, name, options, configuration = {}) {
      const target = { executor: 'under-test', outputs: [`{workspaceRoot}/dist/{projectRoot}/${name}`], ...configuration };
      const project = { root: 'os-images/demo', targets: { [name]: target } };
      const context: ExecutorContext = {
        root: current.root,
        cwd: current.root,
        isVerbose: false,
        projectName: 'demo',
        targetName: name,
        target,
        projectsConfigurations: { version: 2, projects: { demo: project } },
        nxJsonConfiguration: {},
        projectGraph: { nodes: {}, dependencies: {} },
      };
      return (await executor(options, context)).success;
    },
  };
}

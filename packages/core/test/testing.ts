// What tests of executors share, as @container-os/core/testing: a workspace of one image, `demo`.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { combineOptionsForExecutor } from 'nx/src/utils/params';
import { afterEach, beforeEach, vi } from 'vitest';

type Executor<Options> = (options: Options, context: ExecutorContext) => Promise<{ success: boolean }>;

interface Target {
  /** Targets of the same image. */
  dependsOn?: string[];
}

/**
 * An artifact of demo-os or of its base, as the boot tests need it: `path` begins with its name, for example `kernel/vmlinux`. It is looked for
 * below CONTAINER_OS_ARTIFACTS, by default `dist` of this workspace.
 */
export function builtArtifact(path: string): string {
  const dist = process.env['CONTAINER_OS_ARTIFACTS'] ?? join(import.meta.dirname, '../../../dist');
  const ofBase = join(dist, 'container-os/base/vm', path);
  return existsSync(ofBase) ? ofBase : join(dist, 'os-images/demo-os', path);
}

/** `options` as Nx gives them to an executor: defaults of its schema.json filled in, and refused when they do not follow it. */
export function resolveOptions<Options extends object>(schema: object, options: NoInfer<Partial<Options>>): Options {
  return combineOptionsForExecutor({}, '', { options: { ...options } }, schema as Schema, '', '') as Options;
}

type Schema = Parameters<typeof combineOptionsForExecutor>[3];

/** What Nx makes of `dependsOn`, for the executor of `project:target`. */
export function taskGraph(project: string, target: string, dependsOn: readonly string[] = []): TaskGraph {
  const tasks = dependsOn.map((name) => ({
    id: `${project}:${name}`,
    target: { project, target: name },
    overrides: {},
    outputs: [],
    parallelism: true,
    cache: true,
  }));
  return {
    roots: [],
    tasks: Object.fromEntries(tasks.map((task) => [task.id, task])),
    dependencies: { [`${project}:${target}`]: tasks.map(({ id }) => id) },
    continuousDependencies: {},
  };
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
        taskGraph: taskGraph('demo', name, configuration.dependsOn),
      };
      return (await executor(options, context)).success;
    },
  };
}

import type { CustomHasher, ProjectGraph, Task, TaskGraph } from '@nx/devkit';
import type * as TaskHashers from 'nx/src/hasher/create-task-hasher';
import type * as NxJson from 'nx/src/config/nx-json';
import type * as TaskGraphs from 'nx/src/tasks-runner/create-task-graph';

/** The tasks of a target, as Nx plans them in the workspace of the current directory. */
export interface Plan {
  projectGraph: ProjectGraph;
  taskGraph: TaskGraph;
  nxJson: NxJson.NxJsonConfiguration;
  /** Each after those it depends on. */
  order: Task[];
  /** Fills in `hash` and `hashDetails` as Nx would just before it runs the task. */
  hash(task: Task): Promise<Task>;
}

/**
 * Asks Nx, without its daemon, for the files as they are now. The current directory is the workspace, and stays it: Nx reads it once.
 *
 * @param check throws for a target (`project:target[:configuration]`) that the caller cannot use
 */
export async function planTasks(target: string, check: (target: string, graph: ProjectGraph) => void = requireTarget): Promise<Plan> {
  process.env['NX_DAEMON'] = 'false';
  const { createProjectGraphAsync } = await import('@nx/devkit');
  const { readNxJson } = await internal<typeof NxJson>('nx/src/config/nx-json');
  const { createTaskGraph } = await internal<typeof TaskGraphs>('nx/src/tasks-runner/create-task-graph');
  const { createTaskHasher } = await internal<typeof TaskHashers>('nx/src/hasher/create-task-hasher.js');
  const projectGraph = await createProjectGraphAsync({ exitOnError: false });
  check(target, projectGraph);
  const [project = '', name = '', configuration] = target.split(':');
  const nxJson = readNxJson(process.cwd());
  const taskGraph = createTaskGraph(projectGraph, {}, [project], [name], configuration, {});
  const hasher = createTaskHasher(projectGraph, nxJson);
  return {
    projectGraph,
    taskGraph,
    nxJson,
    order: inOrder(taskGraph),
    hash: async (task) => {
      const { default: hashTarget } = (await import('@container-os/core/hasher')) as { default: CustomHasher };
      const { value, details } = await hashTarget(task, {
        hasher,
        projectGraph,
        taskGraph,
        nxJsonConfiguration: nxJson,
        env: process.env,
      } as unknown as Parameters<CustomHasher>[1]);
      return { ...task, hash: value, hashDetails: details };
    },
  };
}

function requireTarget(target: string, { nodes }: ProjectGraph): void {
  const [project = '', name = ''] = target.split(':');
  if (!nodes[project]?.data.targets?.[name]) throw new Error(`${target}: no such target`);
}

/** What `run.mjs` takes of a task. */
export function contextOf(task: Task, { projectGraph, taskGraph, nxJson }: Plan): object {
  const projects = Object.fromEntries(Object.values(projectGraph.nodes).map((node) => [node.name, node.data]));
  return { task, context: { projectGraph, taskGraph, nxJsonConfiguration: nxJson, projectsConfigurations: { version: 2, projects } } };
}

function inOrder({ tasks, dependencies }: TaskGraph): Task[] {
  const order = new Set<string>();
  const visit = (id: string): void => {
    if (order.has(id)) return;
    for (const one of dependencies[id] ?? []) visit(one);
    order.add(id);
  };
  for (const id of Object.keys(tasks)) visit(id);
  return [...order].map((id) => tasks[id] as Task);
}

/** Nx has no public way to hash a task outside of a run; its version is pinned. */
async function internal<Module>(specifier: string): Promise<Module> {
  const module = (await import(specifier)) as Module & { default?: Module };
  return module.default ?? module;
}

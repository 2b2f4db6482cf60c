import { globbySync } from 'globby';
import { execa } from 'execa';
import { root } from '../files.ts';
import { nxEnvironment } from '../workspace-copy.ts';

/** What a bench needs to know of an image's project. Paths are relative to the workspace. */
export interface ImageProject {
  name: string;
  /** Those that its budget waits for. */
  containers: string[];
  /** All that its ISO is made of, and the ISO, in an order in which they can be built. */
  targets: string[];
  /** A file of one of its containers, and the target that reads it. */
  containerFile: { file: string; target: string };
  /** A fragment of its kernel's configuration. */
  fragment: string;
}

interface Project {
  root: string;
  targets: Record<string, { executor?: string; options?: Record<string, unknown> }>;
}

interface Graph {
  tasks: { tasks: Record<string, { target: { target: string } }>; dependencies: Record<string, string[]> };
}

/** Asks Nx. */
export async function imageProject(name: string): Promise<ImageProject> {
  const nx = async <Answer>(...args: string[]): Promise<Answer> =>
    JSON.parse((await execa('npx', ['nx', ...args], { cwd: root, env: nxEnvironment(), extendEnv: false })).stdout) as Answer;
  const project = await nx<Project>('show', 'project', name, '--json');
  const { tasks } = await nx<Graph>('run', `${name}:iso`, '--graph=stdout');
  return describeProject(name, project, tasks, globbySync(`${project.root}/containers/*/rootfs/**/*`, { cwd: root }).sort());
}

/** The same of what Nx and the file system say. */
export function describeProject(
  name: string,
  { root: directory, targets }: Project,
  { tasks, dependencies }: Graph['tasks'],
  files: readonly string[],
): ImageProject {
  const option = <Value>(target: string, key: string): Value => {
    const value = targets[target]?.options?.[key];
    if (value === undefined) throw new Error(`${name}: its target ${target} has no option "${key}", which this bench needs`);
    return value as Value;
  };
  const definitions = Object.entries(targets).map(([target, { options }]) => [target, options?.['definition']] as const);
  const [containerFile] = files.flatMap((file) => {
    const target = definitions.find(
      ([, definition]) => typeof definition === 'string' && file.startsWith(`${directory}/${definition.replace(/[^/]*$/, '')}`),
    )?.[0];
    return target === undefined ? [] : [{ file, target }];
  });
  if (!containerFile) throw new Error(`${name}: no container of ${directory}/containers has a file of its own, which this bench needs`);
  const order = new Set<string>();
  const visit = (id: string): void => {
    for (const one of dependencies[id] ?? []) if (!order.has(one)) visit(one);
    order.add(id);
  };
  for (const id of Object.keys(tasks)) visit(id);
  const [fragment = ''] = option<string[]>('kernel-config', 'fragments');
  return {
    name,
    containers: option('budget', 'containers'),
    targets: [...order].map((id) => tasks[id]?.target.target ?? ''),
    containerFile,
    fragment: `${directory}/${fragment}`,
  };
}

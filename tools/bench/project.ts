import { globbySync } from 'globby';
import { root } from '../files.ts';
import { artifactPlaces, inOrder, nxGraph, type NxGraph } from '../task-graph.ts';

/** What a bench needs to know of an image's project. Paths are relative to the workspace. */
export interface ImageProject {
  name: string;
  /** Those that its budget waits for. */
  containers: string[];
  /** All that its ISO is made of, and the ISO, in an order in which they can be built: `base-vm:kernel`. */
  tasks: string[];
  /** The directory of each artifact, by name. */
  artifacts: ReadonlyMap<string, string>;
  iso: string;
  /** A file of one of its containers, and the target that reads it. */
  containerFile: { file: string; target: string };
  /** A fragment of its kernel's configuration. */
  fragment: string;
}

/** Asks Nx. */
export async function imageProject(name: string): Promise<ImageProject> {
  const found = await nxGraph(`${name}:iso`);
  return describeProject(name, found, (directory) => globbySync(`${directory}/**/*`, { cwd: root }).sort());
}

/** The same of what Nx says, and of the files below a directory. */
export function describeProject(name: string, found: NxGraph, filesBelow: (directory: string) => readonly string[]): ImageProject {
  const order = inOrder(found);
  const image = found.graph.nodes[name]?.data;
  const kernelConfig = order.find(({ target: { target } }) => target === 'kernel-config')?.target.project ?? '';
  const iso = order.find(({ target: { target } }) => target === 'iso')?.outputs.find((output) => output.endsWith('.iso'));
  if (!image || iso === undefined) throw new Error(`${name}: Nx knows no ISO of it`);
  const option = <Value>(project: string, target: string, key: string): Value => {
    const value = found.graph.nodes[project]?.data.targets[target]?.options?.[key];
    if (value === undefined) throw new Error(`${project}: its target ${target} has no option "${key}", which this bench needs`);
    return value as Value;
  };
  const [containerFile] = Object.entries(image.targets).flatMap(([target, configuration]) => {
    if (!target.startsWith('bundle-')) return [];
    const directories = (configuration?.options?.['rootfs'] as string[]).filter((part) => part.startsWith('./'));
    return directories.flatMap((directory) => filesBelow(`${image.root}/${directory.slice(2)}`)).map((file) => ({ file, target }));
  });
  if (!containerFile) throw new Error(`${name}: no container has a file of its own, which this bench needs`);
  const [fragment = ''] = option<string[]>(kernelConfig, 'kernel-config', 'fragments');
  return {
    name,
    containers: option(name, 'budget', 'containers'),
    tasks: order.map(({ target: { project, target } }) => `${project}:${target}`),
    artifacts: artifactPlaces(found),
    iso,
    containerFile,
    fragment: `${found.graph.nodes[kernelConfig]?.data.root}/${fragment}`,
  };
}

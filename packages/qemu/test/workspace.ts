import type { ExecutorContext } from '@nx/devkit';
import smoke from '../src/smoke/executor.ts';
import type { SmokeOptions } from '../src/smoke/schema.d.ts';

/** Runs the executor as `nx run demo-os:qemu-test` does; true when the image passed. */
export async function runSmoke(workspace: string, options: SmokeOptions): Promise<boolean> {
  const target = { executor: '@container-os/qemu:smoke', outputs: ['{workspaceRoot}/dist/{projectRoot}/qemu-test'] };
  const context: ExecutorContext = {
    root: workspace,
    cwd: workspace,
    isVerbose: false,
    projectName: 'demo-os',
    targetName: 'qemu-test',
    target,
    projectsConfigurations: { version: 2, projects: { 'demo-os': { root: 'os-images/demo-os', targets: { 'qemu-test': target } } } },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
  };
  return (await smoke(options, context)).success;
}

import { BuildError, cacheDir, defineCommand, formatBytes, locateProgram, type Step } from '@container-os/core';
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pluginReader, type Plugin } from '../infer/plugins.ts';
import { readTexts } from '../infer/texts.ts';
import { installCommand, readDistribution } from './distribution.ts';
import { lacksOf, tasksOf, type Lacks, type Projects, type Task } from './needs.ts';
import type { DoctorOptions } from './schema.d.ts';

/** The oldest Node that the plugins run on. */
const NODE = [20, 19] as const;

/** Free bytes for an image whose parts are there, and for one that compiles Linux: its sources, unpacked, have 1.8 GB, its objects 0.5 GB. */
const SPACE = { assembled: 1e9, compiled: 5e9 };

/** Says what this machine lacks for the targets that the image has. */
export default defineCommand<DoctorOptions>(async (_, { image, workspaceRoot, log }, { projectsConfigurations }) => {
  const projects = projectsConfigurations.projects as Projects;
  const tasks = tasksOf(image, projects);
  const lacks = lacksOf(tasks, projects, recipeReader(workspaceRoot), workspaceRoot);
  const distribution = readDistribution(readOsRelease());
  log.info(`${distribution.name}, ${process.arch}, Node ${process.versions.node}: ${tasks.length} targets`);
  const faults = [...nodeFaults(), ...spaceFaults(workspaceRoot, tasks), ...namespaceFaults(tasks, projects), ...lacks.refused, ...toolFaults(lacks)];
  tellKvm(log, tasks, projects);
  if (faults.length === 0) return log.info('nothing is missing');
  throw new BuildError('HOST_INCOMPLETE', `${image} cannot be built and tested on this machine:${faults.map((fault) => `\n  ${fault}`).join('')}`, {
    hint:
      lacks.tools.size > 0
        ? installCommand(
            [...lacks.sought.values()].map(({ deb }) => deb),
            distribution,
            prefix(),
          )
        : 'Mend what is listed, then run the same command again.',
  });
});

/** Executors of Nx and of others have no recipe, and may not be there. */
function recipeReader(workspaceRoot: string): (executor: string) => Plugin | undefined {
  const read = pluginReader(workspaceRoot, readTexts());
  return (executor) => {
    if (/^(nx|@nx\/[^:]*):/.test(executor) || !executor.includes(':')) return undefined;
    try {
      return read(executor);
    } catch (error) {
      if (error instanceof BuildError && error.code === 'EXECUTOR_MISSING') return undefined;
      throw error;
    }
  };
}

function readOsRelease(): string {
  const file = ['/etc/os-release', '/usr/lib/os-release'].find((path) => existsSync(path));
  return file === undefined ? '' : readFileSync(file, 'utf8');
}

function toolFaults({ tools, sought }: Lacks): string[] {
  return [...tools].map(([tool, targets]) => `${tool} is not ${placeOf(sought.get(tool)?.file)}: ${[...new Set(targets)].join(', ')}`);
}

function placeOf(file: string | undefined): string {
  return file === undefined ? 'on PATH' : `there (${file})`;
}

function nodeFaults(): string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > NODE[0] || (major === NODE[0] && minor >= NODE[1]) ? [] : [`Node is ${process.versions.node}, expected ${NODE.join('.')} or newer`];
}

/** Of the file systems of the workspace and of the user's cache. */
function spaceFaults(workspaceRoot: string, tasks: readonly Task[]): string[] {
  const wanted = tasks.some(({ target }) => target === 'kernel-config') ? SPACE.compiled : SPACE.assembled;
  const places = [workspaceRoot, cacheDir()].map(nearest);
  const systems = new Map(places.map((place) => [statSync(place).dev, place]));
  return [...systems.values()].flatMap((place) => {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize >= wanted ? [] : [`${formatBytes(bavail * bsize)} are free in ${place}, expected ${formatBytes(wanted)}`];
  });
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

function hasExecutor(tasks: readonly Task[], projects: Projects, executor: string): boolean {
  return tasks.some(({ project, target }) => projects[project]?.targets?.[target]?.executor?.startsWith(executor));
}

/** buildah of a user builds in a user namespace. */
function namespaceFaults(tasks: readonly Task[], projects: Projects): string[] {
  if (process.getuid?.() === 0 || !hasExecutor(tasks, projects, '@container-os/oci-image:oci-build')) return [];
  return ['kernel/unprivileged_userns_clone', 'user/max_user_namespaces'].flatMap((name) => {
    const file = join('/proc/sys', name);
    return existsSync(file) && readFileSync(file, 'utf8').trim() === '0' ? [`${file} is 0, expected more: buildah needs user namespaces`] : [];
  });
}

/** Not a fault: without it, guests are emulated. */
function tellKvm(log: Step, tasks: readonly Task[], projects: Projects): void {
  if (!hasExecutor(tasks, projects, '@container-os/qemu:')) return;
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    log.info('no access to /dev/kvm: QEMU emulates the processor, and a boot takes several times as long');
  }
}

function prefix(): string {
  if (process.getuid?.() === 0) return '';
  return locateProgram('sudo') === undefined ? 'As root: ' : 'sudo ';
}

import { BuildError } from '@container-os/core/errors';
import {
  createProjectGraphAsync,
  detectPackageManager,
  getOutputsForTargetAndConfiguration,
  readJson,
  updateJson,
  writeJson,
  type ProjectConfiguration,
  type Tree,
} from '@nx/devkit';
import { posix } from 'node:path';
import type { ImagePlace } from '../image/place.ts';
import { published, type NewService } from './add-container.ts';

/** A project of the workspace whose target makes an application. */
export interface App {
  project: string;
  root: string;
  target: string;
  /** Of the target, relative to the workspace. */
  outputs: string[];
  options: Record<string, unknown>;
  /** Whether the project has a target `prune`, as Nx gives it, which puts package.json and lock file beside the outputs. */
  hasPrune: boolean;
}

export interface AppOptions {
  /** The OCI image that has the runtime. */
  base?: string | undefined;
  port?: number | undefined;
  command?: string | undefined;
}

interface PackageJson {
  main?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
}

/**
 * Of the project graph.
 *
 * @param reference a project, whose target is `build`, or project:target
 * @throws BuildError APP_MISSING, APP_TARGET_MISSING
 */
export async function readApp(reference: string): Promise<App> {
  const [, project = '', target = 'build'] = /^([^:]+)(?::(.+))?$/.exec(reference) ?? [];
  const { nodes } = await createProjectGraphAsync();
  const node = nodes[project];
  if (!node)
    throw new BuildError('APP_MISSING', `--app ${reference}: the workspace has no project "${project}"`, {
      hint: 'Name a project; npx nx show projects lists all of them.',
    });
  const { root, targets = {} } = node.data as ProjectConfiguration;
  const found = targets[target];
  if (!found)
    throw new BuildError(
      'APP_TARGET_MISSING',
      `--app ${reference}: the project "${project}" has no target "${target}", but ${Object.keys(targets).join(', ')}`,
      {
        hint: `Name the target that builds it: --app ${project}:TARGET.`,
      },
    );
  const outputs = getOutputsForTargetAndConfiguration({ project, target }, {}, node);
  return { project, root, target, outputs, options: (found.options ?? {}) as Record<string, unknown>, hasPrune: 'prune' in targets };
}

/**
 * The service of an application: of its Dockerfile, or of `base` with what its target makes in /app.
 * Dependencies that the application has at run time are installed by a target of the image, in its project.json.
 *
 * @param name of the service
 * @throws BuildError APP_BASE_MISSING, APP_OUTPUTS_INVALID, APP_COMMAND_MISSING
 */
export function serviceOfApp(tree: Tree, { root, name: image }: ImagePlace, name: string, app: App, { base, port, command }: AppOptions): NewService {
  const dependsOn = [`${app.project}:${app.target}`, ...(app.hasPrune ? [`${app.project}:prune`] : [])];
  const dockerfile = tree.read(posix.join(app.root, 'Dockerfile'), 'utf8');
  if (base === undefined) {
    if (dockerfile === null)
      throw new BuildError('APP_BASE_MISSING', `--app ${app.project}: ${app.root} has no Dockerfile, so nothing says which runtime the application needs`, {
        hint: 'Name an OCI image that has the runtime: --base node:22-slim.',
      });
    const [output] = app.outputs;
    if (output !== undefined && posix.relative(app.root, output).startsWith('..') && dockerfile.includes(output))
      throw new BuildError('APP_OUTPUTS_INVALID', `${app.root}/Dockerfile copies ${output}, which is outside of its folder`, {
        hint: `Have ${app.project}:${app.target} write below ${app.root}, and the Dockerfile copy from there. Or go without it: --base node:22-slim.`,
      });
    return { build: { context: posix.relative(root, app.root) }, 'x-os': { build: 'buildah', dependsOn }, ...published(port ?? exposedBy(dockerfile)) };
  }
  const output = onlyOutput(app);
  const installed = needsPackages(tree, app, output) ? installTarget(tree, { root, name: image }, name, app, output) : undefined;
  return {
    image: base,
    'x-os': { dependsOn: installed ? [...dependsOn.slice(0, 1), `${image}:${installed.target}`] : dependsOn },
    working_dir: '/app',
    command: command ?? commandOf(tree, app, output),
    // What Nx's own applications read; they would listen on localhost, where nobody else is.
    ...(port === undefined ? {} : { environment: { HOST: '0.0.0.0', PORT: String(port) } }),
    volumes: [`${posix.relative(root, installed?.output ?? output)}:/app:ro`],
    ...published(port),
  };
}

function exposedBy(dockerfile: string): number | undefined {
  const [, port] = /^\s*EXPOSE\s+(\d+)(?:\/tcp)?\b/im.exec(dockerfile) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** @throws BuildError APP_OUTPUTS_INVALID */
function onlyOutput({ project, target, outputs }: App): string {
  const [output, ...more] = outputs.map((path) => path.replace(/\/$/, ''));
  if (output !== undefined && more.length === 0 && !/[*?{[]/.test(output)) return output;
  const found = outputs.length === 0 ? 'none' : outputs.join(', ');
  throw new BuildError('APP_OUTPUTS_INVALID', `${project}:${target} has to have one directory in its "outputs", and has ${found}`, {
    hint: 'Name the directory in "outputs" of the target, such as "{workspaceRoot}/dist/{projectRoot}", or another target: --app PROJECT:TARGET.',
  });
}

/** Whether package.json and lock file of the application come with its outputs, as generatePackageJson and `prune` of Nx have it. */
function needsPackages(tree: Tree, { options, hasPrune }: App, output: string): boolean {
  return hasPrune || options['generatePackageJson'] === true || Object.keys(packageJson(tree, output)?.dependencies ?? {}).length > 0;
}

function packageJson(tree: Tree, directory: string): PackageJson | undefined {
  const file = posix.join(directory, 'package.json');
  return tree.exists(file) ? readJson<PackageJson>(tree, file) : undefined;
}

/** @throws BuildError APP_COMMAND_MISSING */
function commandOf(tree: Tree, { project, root, options }: App, output: string): string {
  const inOutput = (path: string, from: string): string | undefined => {
    const relative = posix.relative(output, posix.join(from, path));
    return relative.startsWith('..') ? undefined : relative;
  };
  const [built, own] = [packageJson(tree, output), packageJson(tree, root)];
  const source = options['main'];
  const name = typeof options['outputFileName'] === 'string' ? options['outputFileName'] : typeof source === 'string' ? compiled(source) : undefined;
  const main = (built?.main && inOutput(built.main, output)) ?? name ?? (own?.main && inOutput(own.main, root));
  if (main !== undefined && main !== '') return `node ${main}`;
  const start = built?.scripts?.['start'];
  if (start?.startsWith('node ')) return start;
  throw new BuildError('APP_COMMAND_MISSING', `--app ${project}: neither package.json nor the options of its target say which file starts the application`, {
    hint: 'Name the command, as seen from the directory with what is built: --command "node main.js".',
  });
}

/** `apps/api/src/main.ts` is main.js. */
function compiled(source: string): string {
  return posix.basename(source).replace(/\.[cm]?tsx?$/, '.js');
}

/** By the package manager, with the directory as its last word. */
const INSTALL = {
  npm: 'npm ci --omit=dev --no-audit --no-fund --prefix',
  pnpm: 'pnpm install --prod --frozen-lockfile --ignore-workspace --dir',
  yarn: 'yarn install --production --frozen-lockfile --cwd',
  bun: 'bun install --production --frozen-lockfile --cwd',
};

/** A target of the image: a copy of the outputs with production dependencies. */
function installTarget(
  tree: Tree,
  { root, name: image }: Pick<ImagePlace, 'root' | 'name'>,
  name: string,
  app: App,
  output: string,
): { target: string; output: string } {
  const [file, target] = [`${root}/project.json`, `app-${name}`];
  const installed = `dist/${root}/${target}`;
  const projects = [app.project];
  const configuration = {
    executor: 'nx:run-commands',
    cache: true,
    dependsOn: [{ projects, target: app.target }, ...(app.hasPrune ? [{ projects, target: 'prune' }] : [])],
    inputs: [{ dependentTasksOutputFiles: '**/*' }, { runtime: 'node --version' }],
    outputs: [`{workspaceRoot}/${installed}`],
    options: {
      parallel: false,
      commands: [`rm -rf ${installed} && mkdir -p ${installed}`, `cp -R ${output}/. ${installed}`, `${INSTALL[detectPackageManager(tree.root)]} ${installed}`],
    },
    metadata: { description: `${app.project} with the packages that it needs at run time` },
  };
  if (!tree.exists(file)) writeJson(tree, file, { name: image, targets: {} });
  updateJson(tree, file, (project: ProjectConfiguration) => ({ ...project, targets: { [target]: configuration, ...project.targets } }));
  return { target, output: installed };
}

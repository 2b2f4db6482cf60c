import { execa } from 'execa';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');
const entry = ['--import', '@swc-node/register/esm-register', join(root, 'packages/cache-server/src/main.ts')];

/** Targets of the workspace, and what each leaves in its output. */
export const TARGETS = ['one', 'two', 'three'];

/** 300 kB that do not compress, the same each time: large enough to be cut in the middle. */
const WRITE = `
  const name = process.argv[2];
  const stream = require('crypto').createCipheriv('aes-128-ctr', name.padEnd(16), Buffer.alloc(16));
  require('fs').mkdirSync('app/out/' + name, { recursive: true });
  require('fs').writeFileSync('app/out/' + name + '/result', stream.update(Buffer.alloc(300000)).toString('base64'));
`;

/** How a build in the scratch workspace went. */
export interface Build {
  exitCode: number | undefined;
  /** Standard output and error. */
  output: string;
  milliseconds: number;
  /** Tasks by where their result came from: 'remote-cache', 'local-cache', 'cache-miss'. */
  tasks: Record<string, string>;
  /** The content of each target's output. */
  outputs: string[];
}

/** Makes an Nx workspace in `directory` with three cached targets, with nx linked from this repository. */
export function makeWorkspace(directory: string): void {
  mkdirSync(join(directory, 'app'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'scratch', private: true }));
  writeFileSync(join(directory, 'nx.json'), JSON.stringify({ neverConnectToCloud: true, analytics: false }));
  writeFileSync(join(directory, '.gitignore'), 'node_modules\n.nx\napp/out\n');
  writeFileSync(join(directory, 'app/input'), 'the same for each build\n');
  writeFileSync(join(directory, 'write.js'), WRITE);
  const targets = Object.fromEntries(
    TARGETS.map((name) => [
      name,
      {
        executor: 'nx:run-commands',
        cache: true,
        inputs: ['{projectRoot}/input'],
        outputs: [`{projectRoot}/out/${name}`],
        options: { command: `node write.js ${name}` },
      },
    ]),
  );
  writeFileSync(join(directory, 'app/project.json'), JSON.stringify({ name: 'app', targets }));
}

/** Builds all targets with an empty local cache that asks `upstream`; with `relayFlags` through a relay of its own. */
export async function build(workspace: string, upstream: string, relayFlags?: string[], env: NodeJS.ProcessEnv = {}): Promise<Build> {
  for (const name of ['.nx', 'app/out']) rmSync(join(workspace, name), { recursive: true, force: true });
  const nx = [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '--targets', TARGETS.join(','), '--parallel=3', '--outputStyle=stream'];
  const command = relayFlags === undefined ? nx : [...entry, 'relay', '--upstream', upstream, ...relayFlags, '--', process.execPath, ...nx];
  const started = performance.now();
  const { exitCode, all: output } = await execa(process.execPath, command, {
    cwd: workspace,
    extendEnv: false,
    all: true,
    reject: false,
    timeout: 60_000,
    env: { ...nxEnvironment(workspace, upstream), ...env },
  });
  return { exitCode, output, milliseconds: performance.now() - started, tasks: tasksOf(workspace), outputs: outputsOf(workspace) };
}

/** Starts the real server on a free port; `stop` ends it, by SIGKILL where asked. */
export async function startServer(directory: string): Promise<{ address: string; stop(signal?: NodeJS.Signals): Promise<void> }> {
  const server = execa(process.execPath, [...entry, 'serve', '--port', '0', '--directory', directory], { cwd: root, reject: false, buffer: false });
  let text = '';
  const address = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
      if (found) resolve(found);
    });
    server.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    server.on('exit', () => reject(new Error(`the server ended:\n${text}`)));
  });
  return {
    address,
    async stop(signal = 'SIGTERM') {
      server.kill(signal);
      await server;
    },
  };
}

function nxEnvironment(workspace: string, upstream: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: workspace,
    SWC_NODE_PROJECT: join(root, 'tsconfig.json'),
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    FORCE_COLOR: '0',
    NX_SELF_HOSTED_REMOTE_CACHE_SERVER: upstream,
    NX_CACHE_DIRECTORY: join(workspace, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(workspace, '.nx/workspace-data'),
  };
}

function tasksOf(workspace: string): Record<string, string> {
  try {
    const { tasks } = JSON.parse(readFileSync(join(workspace, '.nx/cache/run.json'), 'utf8')) as { tasks: { target: string; cacheStatus: string }[] };
    return Object.fromEntries(tasks.map(({ target, cacheStatus }) => [target, cacheStatus]));
  } catch {
    return {}; // nx ended before it ran a task
  }
}

function outputsOf(workspace: string): string[] {
  return TARGETS.map((name) => {
    try {
      return readFileSync(join(workspace, 'app/out', name, 'result'), 'utf8');
    } catch {
      return '';
    }
  });
}

/** The outputs that nx holds in its local cache, by content: nothing else may be in there. */
export function cachedOutputs(workspace: string): string[] {
  if (!existsSync(join(workspace, '.nx/cache'))) return [];
  return readdirSync(join(workspace, '.nx/cache'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('/result'))
    .map((file) => readFileSync(join(workspace, '.nx/cache', file), 'utf8'));
}

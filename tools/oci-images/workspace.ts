import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../files.ts';
import { shareStore } from '../stand-in/install.ts';
import { copyWorkspace, nxEnvironment } from '../workspace-copy.ts';

/** What a run of Nx came to. `built`: the tasks that did not come from the cache. Nx's own record of a run lies in the cache, which others share. */
export interface NxRun {
  exitCode: number | undefined;
  output: string;
  built: string[];
}

/** A copy of this workspace that shares its cache, so that nothing of the base is built again, and what tests ask it for. */
export interface OciWorkspace {
  directory: string;
  cache: string;
  /** Makes the directory of an image: its files, or those of a directory. */
  add(os: string, from: Record<string, string> | string): void;
  nx(task: string, env?: NodeJS.ProcessEnv, ...options: string[]): Promise<NxRun>;
  /** Where an artifact of an image is. */
  artifact(os: string, path: string): string;
  remove(): void;
}

/** `image` has the whole name of an image whose name in a file is that of Docker Hub. */
export function ociWorkspace(image: (name: string) => string): OciWorkspace {
  const directory = join(mkdtempSync(join(tmpdir(), 'oci-images-')), 'workspace');
  const cache = join(directory, '../cache');
  const git = (...args: string[]): string => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' });
  git('worktree', 'add', '--quiet', '--detach', '--no-checkout', directory);
  copyWorkspace(directory);
  shareStore(directory, cache);
  return {
    directory,
    cache,
    add(os, from) {
      const place = join(directory, 'os-images', os);
      mkdirSync(place);
      if (typeof from === 'string') cpSync(from, place, { recursive: true });
      else for (const [file, text] of Object.entries(from)) writeFileSync(join(place, file), text);
      for (const file of readdirSync(place).filter((one) => one === 'compose.yaml'))
        writeFileSync(
          join(place, file),
          readFileSync(join(place, file), 'utf8').replace(/\bimage: ([a-z][\w/-]*:\w+)/g, (_, name: string) => `image: "${image(name)}"`),
        );
    },
    async nx(task, env = {}, ...options) {
      const how = { cwd: directory, env: { ...nxEnvironment(), CONTAINER_OS_CACHE: cache, ...env }, extendEnv: false, all: true, reject: false } as const;
      const { exitCode, all: output } = await execa('npx', ['nx', 'run', task, '--outputStyle=stream', ...options], how);
      const built = [...output.matchAll(/^> nx run [\w-]+:([\w-]+)\s*(\[.*\])?$/gm)].flatMap(([, target = '', cached]) =>
        cached === undefined ? [target] : [],
      );
      return { exitCode, output, built: built.sort() };
    },
    artifact: (os, path) => join(directory, 'dist/os-images', os, path),
    remove() {
      git('worktree', 'remove', '--force', directory);
      rmSync(dirname(directory), { recursive: true, force: true });
    },
  };
}

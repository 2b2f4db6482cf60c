import { exists, run, stateDir, type TargetContext } from '@container-os/core';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blankDisk } from '../guest/blank-disk.ts';

type Context = Pick<TargetContext, 'artifact' | 'image' | 'log' | 'workspaceRoot'>;

/**
 * Where the data disk of an image lies: it is the user's, so that neither a build nor the removal of `dist` touches it. One that lies in
 * `dist`, from an earlier version, is moved.
 */
export async function dataDisk({ artifact, image, log, workspaceRoot }: Context): Promise<string> {
  const [path, old] = [join(stateDir(workspaceRoot, image), 'data.img'), artifact('data.img')];
  if (!(await exists(old))) return path;
  if (await exists(path)) {
    log.warn(`${old} is not used: the data disk is ${path}`);
    return path;
  }
  await mkdir(dirname(path), { recursive: true });
  // mv knows how to leave holes out, where the two are on different file systems.
  await run(['mv', old, `${path}.partial`]);
  await rename(`${path}.partial`, path);
  log.info(`${old} has moved to ${path}`);
  return path;
}

/** The disk at `path`, blank at first. */
export async function keptDisk(path: string, mib: number): Promise<string> {
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  return blankDisk(path, mib);
}

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drainTerminal } from '../src/terminal.ts';

let tree: string;
let file: string;
beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'crun-'));
  file = join(tree, 'src/libcrun/container.c');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await readFile(join(import.meta.dirname, 'stand-in/crun/src/libcrun/container.c')));
});
afterEach(() => rm(tree, { recursive: true }));

it('both ends of the wait copy what the terminal holds', async () => {
  await drainTerminal(tree);
  const text = await readFile(file, 'utf8');
  expect(text.match(/return container_os_drain \(args->terminal_fd, container_exit_code\);/g)).toHaveLength(2);
  expect(text).toMatch(/static int\ncontainer_os_drain [^]*static int\nwait_for_process /);
});

it('another crun is refused, and left as it is', async () => {
  const other = (await readFile(file, 'utf8')).replace('return container_exit_code;', 'return drained ();');
  await writeFile(file, other);
  await expect(drainTerminal(tree)).rejects.toMatchObject({ code: 'CRUN_UNUSABLE' });
  expect(await readFile(file, 'utf8')).toBe(other);
});

// npm run ci-summary: what the last run of nx did, as Markdown for GitHub's step summary. Everything comes from what
// runs record: Nx's run.json, the reports of boots, the artifacts themselves.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatBytes } from '@container-os/core';
import { cacheDir } from '@nx/devkit';
import { globbySync } from 'globby';
import { root } from './files.ts';
import { summarize, type Boot, type NxTask } from './ci-summary/summarize.ts';

// A failed boot leaves its report among the logs only, beside an older one of the artifact: the newest of each counts.
const reports = globbySync(['dist/logs/*/qemu-*/report.json', 'dist/os-images/*/qemu-*/report.json'], { cwd: root }).sort((a, b) => modified(a) - modified(b));
const newest = new Map(reports.map((file) => [file.split('/').slice(2, 4).join(':'), file]));
console.log(
  summarize({
    tasks: readTasks(),
    artifacts: globbySync(['dist/os-images/*/*.iso', 'dist/{os-images/*,container-os/base/*}/*/{bzImage,initramfs.img,rootfs.squashfs,layer.cpio}'], {
      cwd: root,
    })
      .sort()
      .map((file) => ({ file: file.replace(/^dist\/(os-images|container-os)\//, ''), size: formatBytes(statSync(join(root, file)).size) })),
    boots: [...newest].flatMap(([target, file]) =>
      (JSON.parse(readFileSync(join(root, file), 'utf8')) as { boots: Boot[] }).boots.map((boot) => ({ ...boot, target })),
    ),
    consoles: [...newest.values()]
      .flatMap((file) => globbySync('*.console.log', { cwd: join(root, file, '..'), absolute: true }).sort())
      .map((file) => ({ name: `${basename(join(file, '..'))}/${basename(file)}`, text: readFileSync(file, 'utf8') })),
  }),
);

function readTasks(): NxTask[] {
  const file = join(cacheDir, 'run.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { tasks: NxTask[] }).tasks : [];
}

function modified(file: string): number {
  return statSync(join(root, file)).mtimeMs;
}

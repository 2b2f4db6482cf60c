import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeProject } from './bench/project.ts';
import { repositoryFiles, root } from './files.ts';
import type { NxGraph, NxTask } from './task-graph.ts';

// Everything that is run for an image must be about that image.
test('no plugin or tool names demo-os: the image comes from the project that is run', () => {
  // cache-truth and observed-reads work on a stand-in of demo-os; it is the default of the targets in tools/project.json.
  const tests = /\.test\.ts$|^packages\/[^/]+\/test\/|^tools\/(?:(?:stand-in|docs|cache-truth|observed-reads)\/|project\.json$)/;
  const files = repositoryFiles().filter((file) => /^(?:packages|tools)\//.test(file) && !tests.test(file) && !file.endsWith('.md'));
  const naming = files.flatMap((file) =>
    withoutComments(readFileSync(join(root, file), 'utf8'))
      .split('\n')
      .flatMap((line, index) => (line.includes('demo-os') ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(naming).toEqual([]);
});

/** Examples in comments may have a name. Line numbers stay. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)(?:\/\/|#) .*$/gm, '$1');
}

test('a bench takes containers, targets and files to edit from the project and its base', () => {
  const image = {
    root: 'os-images/an-os',
    targets: {
      iso: {},
      'bundle-dns': { options: { rootfs: ['busybox'] } },
      'bundle-mail': { options: { rootfs: ['busybox', './containers/mail/rootfs'] } },
      budget: { options: { containers: ['mail', 'dns'] } },
    },
  };
  const base = { root: 'bases/a', targets: { 'kernel-config': { options: { fragments: ['kernel/a.config', 'kernel/b.config'] } } } };
  const task = (project: string, target: string, ...outputs: string[]): NxTask => ({ target: { project, target }, outputs });
  const tasks = {
    tasks: {
      'an-os:iso': task('an-os', 'iso', 'dist/os-images/an-os/iso', 'dist/os-images/an-os/an-os.iso'),
      'an-os:bundle-mail': task('an-os', 'bundle-mail', 'dist/os-images/an-os/bundle-mail'),
      'base-a:kernel-config': task('base-a', 'kernel-config', 'dist/base/a/kernel-config'),
    },
    dependencies: { 'an-os:iso': ['an-os:bundle-mail', 'base-a:kernel-config'] },
  };
  const graph = (project: object): NxGraph => ({ graph: { nodes: { 'an-os': { data: project as typeof image }, 'base-a': { data: base } } }, tasks });
  const files = (directory: string): string[] => (directory === 'os-images/an-os/containers/mail/rootfs' ? [`${directory}/etc/motd`] : []);
  expect(describeProject('an-os', graph(image), files)).toEqual({
    name: 'an-os',
    containers: ['mail', 'dns'],
    tasks: ['an-os:bundle-mail', 'base-a:kernel-config', 'an-os:iso'],
    artifacts: new Map([
      ['iso', 'dist/os-images/an-os/iso'],
      ['bundle-mail', 'dist/os-images/an-os/bundle-mail'],
      ['kernel-config', 'dist/base/a/kernel-config'],
    ]),
    iso: 'dist/os-images/an-os/an-os.iso',
    containerFile: { file: 'os-images/an-os/containers/mail/rootfs/etc/motd', target: 'bundle-mail' },
    fragment: 'bases/a/kernel/a.config',
  });
  expect(() => describeProject('an-os', graph({ root: 'os-images/an-os', targets: {} }), files)).toThrow('an-os: no container has a file of its own');
});

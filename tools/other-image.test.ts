import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeProject } from './bench/project.ts';
import { repositoryFiles, root } from './files.ts';

// An image is copied under another name, and everything that is run for the copy must be about the copy.
test('no plugin or tool names demo-os: the image comes from the project that is run', () => {
  // kernel-symbols.ts writes a table of demo-os's fragments for a test; cache-truth and observed-reads work on a stand-in of demo-os.
  const tests = /\.test\.ts$|^packages\/[^/]+\/test\/|^tools\/(?:(?:stand-in|docs|cache-truth|observed-reads)\/|kernel-symbols\.ts$)/;
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

test('a bench takes containers, targets and files to edit from the project', () => {
  const project = {
    root: 'os-images/an-os',
    targets: {
      'bundle-mail': { options: { definition: 'containers/mail/container.json' } },
      'kernel-config': { options: { fragments: ['kernel/a.config', 'kernel/b.config'] } },
      budget: { options: { containers: ['mail', 'dns'] } },
    },
  };
  const task = (target: string): { target: { target: string } } => ({ target: { target } });
  const graph = {
    tasks: { 'an-os:iso': task('iso'), 'an-os:bundle-mail': task('bundle-mail'), 'an-os:sources': task('sources') },
    dependencies: { 'an-os:iso': ['an-os:bundle-mail'], 'an-os:bundle-mail': ['an-os:sources'] },
  };
  expect(describeProject('an-os', project, graph, ['os-images/an-os/containers/mail/rootfs/etc/motd'])).toEqual({
    name: 'an-os',
    containers: ['mail', 'dns'],
    targets: ['sources', 'bundle-mail', 'iso'],
    containerFile: { file: 'os-images/an-os/containers/mail/rootfs/etc/motd', target: 'bundle-mail' },
    fragment: 'os-images/an-os/kernel/a.config',
  });
  expect(() => describeProject('an-os', { root: 'os-images/an-os', targets: {} }, graph, [])).toThrow(
    'an-os: no container of os-images/an-os/containers has a file of its own',
  );
});

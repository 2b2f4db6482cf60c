import { expect, it } from 'vitest';
import { declaredFile, interpolate } from '../src/inputs.ts';

/** `declaredFile` for the kernel target of an image in /ws/os-images/demo. */
function read(path: string, inputs: string[], namedInputs: Record<string, string[]> = {}): string {
  return declaredFile(path, { root: 'os-images/demo', inputs, namedInputs }, '/ws', 'kernel');
}

it.each(['kernel/vm.config', 'kernel/deep/er.config', 'kernel'])('a pattern of a directory covers %s', (path) => {
  expect(read(path, ['{projectRoot}/kernel/**/*'])).toBe(`/ws/os-images/demo/${path}`);
});

it('a named input covers what it stands for', () => {
  expect(read('kernel/vm.config', ['plugin'], { plugin: ['all'], all: ['{projectRoot}/kernel/**'] })).toBe('/ws/os-images/demo/kernel/vm.config');
});

it('a file of the workspace may be named from above the image', () => {
  expect(read('../../shared/motd', ['{workspaceRoot}/shared/motd'])).toBe('/ws/shared/motd');
});

it.each([
  ['a neighbour whose name begins alike', ['{projectRoot}/kernel-old/**/*']],
  ['an exclusion', ['!{projectRoot}/kernel/**/*']],
  ['the files of another project', ['^{projectRoot}/kernel/**/*']],
  ['nothing at all', []],
])('%s does not cover it', (_what, inputs) => {
  expect(() => read('kernel/vm.config', inputs)).toThrow('kernel reads os-images/demo/kernel/vm.config, its "inputs" cover');
});

it('tokens are filled in from the project and the options', () => {
  expect(interpolate('{workspaceRoot}/dist/{projectRoot}/{options.name}', 'os-images/demo', { name: 'web' })).toBe('dist/os-images/demo/web');
});

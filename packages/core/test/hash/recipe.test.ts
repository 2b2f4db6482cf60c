import { expect, it } from 'vitest';
import { artifactsOf, filesOf } from '../../src/hash/recipe.ts';

it('says which files of other artifacts a target reads: receipts, files, and one of each target that an option lists', () => {
  const recipe = { receipts: ['linux'], artifacts: { 'kernel-config': ['config'], '{options.layers}': ['layer.cpio'], iso: ['*.iso'] } };
  expect(artifactsOf(recipe, { layers: ['busybox', './web', 7] })).toEqual([
    { target: 'sources', glob: '**/sources/linux.json' },
    { target: 'kernel-config', glob: '**/kernel-config/config' },
    { target: 'busybox', glob: '**/busybox/layer.cpio' },
    { target: 'iso', glob: '**/*.iso' },
  ]);
  expect(artifactsOf({}, {})).toEqual([]);
});

it('names a file of another artifact by an option: without a value the target reads nothing of that artifact', () => {
  const recipe = { artifacts: { 'oci-images': ['{options.image}.json'] } };
  expect(artifactsOf(recipe, { image: 'web' })).toEqual([{ target: 'oci-images', glob: '**/oci-images/web.json' }]);
  expect(artifactsOf(recipe, {})).toEqual([]);
});

it('names the files of options: by template, and the paths among targets', () => {
  const options = { base: 'b.config', fragments: ['z.config', 'a.config', 'a.config', { not: 'a path' }], rootfs: ['busybox', './web', '../api'] };
  expect(filesOf({ files: ['{options.base}', '{options.fragments}', '{options.record}', 'sources/{options.base}'] }, options)).toEqual([
    'a.config',
    'b.config',
    'sources/b.config',
    'z.config',
  ]);
  expect(filesOf({ files: [{ paths: 'rootfs' }] }, options)).toEqual(['../api', './web']);
});

import { directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { expect, it } from 'vitest';
import { missingEntries } from '../src/missing-entries.ts';
import { ociConfig } from '../src/oci-config.ts';
import type { Definition } from '../src/definition.ts';
import { byPath } from '../src/root-view.ts';
import { validateRootfs } from '../src/validate.ts';
import { PROFILE } from './profile.ts';

const missing = (entries: Entry[], keys: Partial<Definition> = {}): string[] => {
  const config = ociConfig('web', { image: { name: 'i', digest: 'd' }, command: ['/a'], ...keys }, PROFILE);
  const added = missingEntries('web', byPath(entries), config);
  validateRootfs('web', config, byPath([...entries, ...added]));
  return added.map(({ path, type }) => (type === 'directory' ? `${path}/` : path));
};

it('an image with nothing but a program gets every mount point, and what is above it', () => {
  expect(missing([fileEntry('a', '')])).toEqual(['dev/', 'etc/', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf', 'proc/', 'sys/']);
});

it('where symlinks lead: within the root, and to nothing', () => {
  const root = [
    directoryEntry('usr'),
    symlinkEntry('etc', 'usr/etc'),
    directoryEntry('var'),
    symlinkEntry('var/run', '/run'),
    symlinkEntry('tmp', '/var/tmp'),
    symlinkEntry('data', '../../mnt/data'),
  ];
  expect(missing(root, { volumes: ['shop:/data'], 'x-profile': 'hardened' })).toEqual([
    'dev/',
    'mnt/',
    'mnt/data/',
    'proc/',
    'run/',
    'sys/',
    'usr/etc/',
    'usr/etc/hosts',
    'usr/etc/resolv.conf',
    'var/tmp/',
  ]);
});

it('a name server file that points into /run is made when the container starts', () => {
  const root = [directoryEntry('etc'), symlinkEntry('etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'), fileEntry('etc/hosts', '')];
  expect(missing(root, { 'x-profile': 'hardened' })).toEqual(['dev/', 'proc/', 'run/', 'sys/', 'tmp/']);
});

it('the working directory too, unless something is mounted there', () => {
  expect(missing([], { working_dir: '/srv/app' })).toContain('srv/app/');
  expect(missing([], { working_dir: '/run/app', 'x-profile': 'hardened' })).not.toContain('run/app/');
  expect(missing([], { working_dir: '/shop/a', volumes: ['shop:/shop'] })).toContain('shop/');
  expect(missing([], { working_dir: '/shop/a', volumes: ['shop:/shop'] })).not.toContain('shop/a/');
});

it('a place below a file is refused by name', () => {
  expect(() => missing([fileEntry('etc', '')])).toThrow('container "web" needs /etc/hosts, but /etc is a file in its OCI image');
  expect(() => missing([fileEntry('srv', '')], { working_dir: '/srv/app' })).toThrow('needs /srv/app, but /srv is a file');
});

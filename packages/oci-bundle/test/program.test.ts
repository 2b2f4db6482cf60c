import { directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import type { OciConfig } from '../src/oci-config.ts';
import { requireProgram } from '../src/program.ts';
import { byPath } from '../src/root-view.ts';
import { elf } from './elf.ts';

const ROOTFS: Entry[] = [
  directoryEntry('bin'),
  fileEntry('bin/busybox', elf(), 0o755),
  symlinkEntry('bin/sh', '/bin/busybox'),
  fileEntry('bin/readme', 'text', 0o644),
  fileEntry('bin/script', '#!/bin/sh -e\n', 0o755),
  fileEntry('bin/snake', '#!/usr/bin/python3\n', 0o755),
  { ...fileEntry('bin/linked', '', 0o755), hardLinkTo: 'bin/snake' },
  symlinkEntry('sbin', 'bin'),
  directoryEntry('usr'),
  directoryEntry('opt'),
  symlinkEntry('usr/bin', '../bin'),
  symlinkEntry('up', '../../../bin/busybox'),
  symlinkEntry('loop', 'loop'),
  symlinkEntry('dangling', '/nowhere'),
];

const config = (process: Partial<OciConfig['process']>, mounts: OciConfig['mounts'] = []): OciConfig => ({
  ociVersion: '1.2.1',
  process: { args: [], env: ['PATH=/sbin:/bin'], cwd: '/', ...process },
  root: { path: 'rootfs' },
  mounts,
});
const start =
  (command: string, process: Partial<OciConfig['process']> = {}) =>
  () =>
    requireProgram('web', byPath(ROOTFS), config({ args: [command], ...process }));

describe('a program is found', () => {
  it.each(['/bin/sh', 'sh', 'script', '/sbin/busybox', '/usr/bin/sh', '/up'])('at %s, symlinks followed within the root', (command) => {
    expect(start(command)).not.toThrow();
  });

  it('behind a requested init', () => {
    expect(start('/dev/tini', { args: ['/dev/tini', '--', 'sh'] })).not.toThrow();
    expect(start('/dev/tini', { args: ['/dev/tini', '--', 'none'] })).toThrow('container "web" runs "none"');
  });

  it('relative to the working directory when its name has a slash', () => {
    expect(start('./sh', { cwd: '/bin' })).not.toThrow();
    expect(start('./sh')).toThrow('its rootfs has no //./sh');
  });

  it('on a bind mount, which is not checked', () => {
    const mounts = [{ destination: '/opt/tools', type: 'bind', source: '/opt/tools', options: ['bind', 'ro'] }];
    expect(() => requireProgram('web', byPath(ROOTFS), config({ args: ['/opt/tools/run'] }, mounts))).not.toThrow();
  });
});

describe('a program is refused', () => {
  it.each([
    ['httpd', 'its rootfs has no /sbin/httpd; its rootfs has no /bin/httpd'],
    ['/bin', '/bin is a directory'],
    ['/bin/readme', '/bin/readme is not executable (mode 0644)'],
    ['/loop', '/loop leads through more than 40 symlinks'],
    ['/dangling', 'its rootfs has no /dangling'],
    ['/bin/snake', '/bin/snake is a script for /usr/bin/python3: its rootfs has no /usr/bin/python3'],
    ['/bin/linked', '/bin/linked is a script for /usr/bin/python3: its rootfs has no /usr/bin/python3'],
    ['/bin/sh/x', 'its rootfs has no /bin/sh/x'],
  ])('%s', (command, fault) => {
    expect(start(command)).toThrow(
      expect.objectContaining({ code: 'CONTAINER_COMMAND_MISSING', message: `container "web" runs ${JSON.stringify(command)}: ${fault}` }),
    );
  });

  it('when there is no PATH to find it on', () => {
    expect(start('sh', { env: [] })).toThrow('container "web" runs "sh": PATH is empty');
  });
});

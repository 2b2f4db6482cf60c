import { checkPort, fillPort } from './checks.ts';
import { listOf, struct } from './collections.ts';
import { byDeviceTarget, byPort, byTarget } from './identity.ts';
import { also, always, key, refused, ruled, withoutEffect, type Case } from './key.ts';
import { longDevice, longPorts, longVolume } from './long-forms.ts';
import { labels } from './pairs.ts';
import { resolveMount } from './paths.ts';
import { flag, INTEGER, NUMBER, size, TEXT, text, unsigned } from './scalars.ts';

/** Keys of an item of `ports`. */
export const portKeys = {
  name: key(text(), 'Name of the port, for people.', withoutEffect('Nothing on the OS reads the name.')),
  mode: key(text(), 'host or ingress.', withoutEffect('Only a swarm reads this key.')),
  host_ip: key(text(), 'Address of the OS that the port is open on.'),
  target: key(unsigned(32, INTEGER, TEXT), 'Port of the container.', undefined, { cast: 'integer' }),
  published: key({ ...text(), forms: [TEXT, INTEGER] }, 'Port of the OS, or a range to choose from.'),
  protocol: key(text(), 'tcp or udp.'),
  app_protocol: key(text(), 'Protocol of the application, such as http.', withoutEffect('Nothing on the OS reads the protocol of an application.')),
};
const port = ruled(also(struct(portKeys), NUMBER, TEXT), { fill: fillPort, check: checkPort });
export const ports = ruled(listOf(port, { unique: true }), { identity: byPort, long: longPorts });

/** Who has the socket of an engine is root of the host. The OS has no engine: a program would find nothing behind such a socket. */
export const ENGINE_SOCKET: Case = {
  value: 'the socket of a container engine',
  matches: (mount) => {
    const { type, source = '', target = '' } = mount as { type?: string; source?: string; target?: string };
    return type === 'bind' && [source, target].some((path) => /\/(docker|podman|containerd|crio)\.sock$/.test(path));
  },
  status: refused('The OS has no container engine that answers there.', 'Delete the mount, and what needs it: services are part of the image.'),
};

const DATA_DISK = 'A mount is a volume of the data disk, or a path of the OS.';

/** Keys of an item of `volumes`. */
export const mountKeys = {
  type: key(text({ values: ['bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'] }), 'What is mounted: a path (bind), a volume, memory (tmpfs), an image.'),
  source: key(text(), 'Path or name of the volume.'),
  target: key(text(), 'Path in the container.'),
  read_only: key(flag(), 'The container cannot write to the mount.', undefined, { cast: 'boolean' }),
  consistency: key(text(), 'How fast both sides see a change.', withoutEffect('Both sides are the same files.')),
  bind: key(
    struct({
      propagation: key(text(), 'Whether mounts below appear on the other side.', withoutEffect('The OS mounts nothing below such a path later on.')),
      create_host_path: key({ ...flag() }, 'Create the path if it is not there. false: the build refuses a path of the workspace that is not there.'),
      recursive: key(
        text({ values: ['enabled', 'disabled', 'writable', 'readonly'] }),
        'What happens with mounts below.',
        withoutEffect('Nothing is mounted below such a path.'),
      ),
      selinux: key(text({ values: ['z', 'Z'] }), 'Label for SELinux.', withoutEffect('The OS has no SELinux.')),
    }),
    'Settings of a path.',
  ),
  volume: key(
    struct({
      labels: key(labels(), 'Labels of the volume.', withoutEffect('Nothing on the OS reads labels.')),
      nocopy: key(flag(), 'Leave the volume empty, instead of copying what the image has at its place.', undefined, { cast: 'boolean' }),
      subpath: key(text(), 'Directory of the volume that is mounted, which must be there.'),
    }),
    'Settings of a volume.',
  ),
  tmpfs: key(
    struct({
      size: key(size({ kind: 'integer', minimum: 0 }, TEXT), 'Size at most.'),
      mode: key(unsigned(32, NUMBER, TEXT), 'Permissions of the directory.'),
    }),
    'Settings of a directory in memory.',
  ),
  image: key(
    struct({ subpath: key(text(), 'Directory of the image that is mounted.') }),
    'Settings of an image.',
    refused(DATA_DISK, 'Put the files into the root of the service.'),
  ),
};
const mount = ruled(also(struct(mountKeys, { required: ['type'] }), TEXT), { long: longVolume, resolve: resolveMount });
export const mounts = ruled(listOf(mount, { unique: true }), { identity: byTarget });

const device = struct(
  {
    source: key(text(), 'Path of the device on the OS.'),
    target: key(text(), 'Path in the container.'),
    permissions: key(text(), 'r, w and m: read, write, make.'),
  },
  { required: ['source'] },
);
export const devices = ruled(listOf(ruled(also(device, TEXT), { long: longDevice })), { identity: byDeviceTarget });

/** `blkio_config` prints the keys of its lists with a capital letter. */
const throttle = listOf(
  struct(
    { path: key(always(text(), ''), 'Path of the device.'), rate: key(always(size(INTEGER, TEXT), '0'), 'Bytes or operations in a second.') },
    { extensible: false, printedAs: { path: 'Path', rate: 'Rate' } },
  ),
);
const weight = listOf(
  struct(
    { path: key(always(text(), ''), 'Path of the device.'), weight: key(always(unsigned(16, INTEGER, TEXT), 0), 'Share, 10 to 1000.') },
    { extensible: false, printedAs: { path: 'Path', weight: 'Weight' } },
  ),
);
export const blkio = struct(
  {
    device_read_bps: key(throttle, 'Bytes read in a second, at most.'),
    device_read_iops: key(throttle, 'Reads in a second, at most.'),
    device_write_bps: key(throttle, 'Bytes written in a second, at most.'),
    device_write_iops: key(throttle, 'Writes in a second, at most.'),
    weight: key(unsigned(16, INTEGER, TEXT), 'Share of input and output.'),
    weight_device: key(weight, 'Share for each device.'),
  },
  { extensible: false },
);

import { directoryEntry, fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import type { RuntimePlan } from './plan.ts';

/** Mount points, and directories that other layers expect. /init moves the root via /mnt. */
const DIRECTORIES = ['containers', 'dev', 'etc/cni/net.d', 'mnt', 'opt/cni/bin', 'proc', 'run', 'sys', 'var', 'var/lib/container-os'];

/** What the directory of each service starts as. They are not in rootfs/, because an npm package has no symlinks. */
const SERVICE_LINKS = { run: 'run', finish: 'finish', 'log/run': 'log', 'control/t': 'signal', 'control/k': 'signal' };

/** The entries that are not in rootfs/: empty directories, symlinks, and files that depend on the plan. */
export function skeleton({ hostname, image, dataDisk, uplink }: RuntimePlan, version: string): Entry[] {
  return [
    ...DIRECTORIES.map((path) => directoryEntry(path)),
    directoryEntry('root', 0o700),
    directoryEntry('tmp', 0o1777),
    // The kernel opens /dev/console for /init before anything is mounted on /dev.
    { ...directoryEntry('dev/console', 0o600), type: 'character', major: 5, minor: 1 },
    { ...directoryEntry('dev/null', 0o666), type: 'character', major: 1, minor: 3 },
    symlinkEntry('etc/mtab', '/proc/self/mounts'),
    // Written from the uplink's leases.
    symlinkEntry('etc/resolv.conf', '/run/resolv.conf'),
    symlinkEntry('var/run', '/run'),
    ...['', '/control', '/log'].map((below) => directoryEntry(`usr/lib/container-os/service-directory${below}`)),
    ...Object.entries(SERVICE_LINKS).map(([link, program]) =>
      symlinkEntry(`usr/lib/container-os/service-directory/${link}`, `/usr/lib/container-os/service/${program}`),
    ),
    fileEntry('etc/hostname', `${hostname}\n`),
    fileEntry('etc/data-disk', `${dataDisk}\n`),
    fileEntry('etc/uplink', `${uplink}\n`),
    fileEntry('etc/os-release', osRelease(image, version)),
  ];
}

/** os-release(5). */
function osRelease(image: string, version: string): string {
  return `NAME="container-os"\nID=container-os\nVERSION_ID=${version}\nPRETTY_NAME="container-os ${version}"\nIMAGE_ID=${image}\n`;
}

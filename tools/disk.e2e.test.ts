// What becomes of the data disk: the power is cut while a volume gets its content, the image changes, containers are deleted, the disk is full.
//   npm run e2e:disk
import { execa, execaSync } from 'execa';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from './files.ts';
import { atPrompt, shell } from './oci-images/console.ts';
import { booted, type Guest } from './oci-images/guest.ts';
import { ociWorkspace, type OciWorkspace } from './oci-images/workspace.ts';

const minute = 60_000;
const registry = process.env['TEST_REGISTRY'] ?? '';
const DATA = '/var/lib/container-os';
let workspace: OciWorkspace;

beforeAll(async () => {
  expect(registry, 'start the test by npm run e2e:disk').not.toBe('');
  workspace = ociWorkspace((name) => `${registry}/library/${name}`);
  for (const image of ['before', 'after']) {
    // One after the other, because both have the name "kept".
    rmSync(join(workspace.directory, 'os-images/kept'), { recursive: true, force: true });
    workspace.add('kept', join(root, 'tools/disk', image));
    const built = await workspace.nx('kept:iso', { CI: '' });
    expect(built.exitCode, built.output).toBe(0);
    copyFileSync(workspace.artifact('kept', 'kept.iso'), iso(image));
  }
}, 20 * minute);
afterAll(() => workspace?.remove());

const iso = (image: string): string => join(workspace.cache, `${image}.iso`);
const disk = (name: string): string => join(workspace.cache, `${name}.img`);

/** Boots an image on a disk, asks its shell, and cuts the power. */
async function at(image: string, name: string, ask: (sh: (command: string) => Promise<string>, guest: Guest) => Promise<void>): Promise<void> {
  await booted({ iso: iso(image), disk: disk(name), ports: new Map(), limit: 10 * 60 }, async (guest) => {
    await atPrompt(guest);
    await ask((command) => shell(guest, command), guest);
  });
}

/** Names in a directory of the data disk as a cut has left it, with what the journal has. */
function names(name: string, path: string): string[] {
  const copy = `${disk(name)}.copy`;
  execaSync('cp', ['--sparse=always', disk(name), copy]);
  // Exit code 1: it has repaired something, such as by the journal.
  const { exitCode, stdout } = execaSync('e2fsck', ['-fp', copy], { reject: false });
  expect(exitCode, stdout).toBeLessThan(2);
  const { stdout: listed } = execaSync('debugfs', ['-R', `ls -p ${path}`, copy]);
  rmSync(copy);
  return listed
    .split('\n')
    .map((line) => line.split('/')[5] ?? '')
    .filter((one) => !['', '.', '..'].includes(one));
}

/** A digest of names, kinds, modes and content below a directory. */
const digest = (directory: string): string =>
  `cd ${directory} && { find . ! -type d | sort | xargs stat -c "%A %N"; find . -type d | sort | xargs stat -c "%A %n"; find . -type f | sort | xargs md5sum; } | md5sum; find . | wc -l`;

it('a volume is empty or whole after a cut while it gets its content', { timeout: 25 * minute }, async () => {
  const volume = `${DATA}/volumes/kept_large`;
  /** Cuts the power once a directory is there, which is so while an empty volume is filled; what is in it then is on the disk. */
  const cutWhile = (directory: string): Promise<void> =>
    at('before', 'cut', async (sh, guest) => {
      await sh(`cosctl stop large; rm -rf ${volume}; sync; cosctl start large & while [ ! -d ${DATA}/${directory}/volumes/kept_large ]; do :; done; sync`);
      await guest.cut();
    });

  await cutWhile('copying');
  const copied = names('cut', '/copying/volumes/kept_large').length;
  expect(copied).toBeGreaterThan(0);
  expect(names('cut', '/volumes/kept_large')).toEqual([]);

  await cutWhile('copied');
  // Here all is on the disk, a part of it where no container sees it.
  const [moved, rest] = [names('cut', '/volumes/kept_large').length, names('cut', '/copied/volumes/kept_large').length];
  console.log(`cut with ${copied} entries copied, and with ${moved} of ${moved + rest} entries moved`);
  expect(rest).toBeGreaterThan(0);
  expect(copied).toBeLessThan(moved + rest);

  await at('before', 'cut', async (sh) => {
    expect(await sh(`cat /run/container-os/containers/large/status; ls -A ${DATA}/copying/volumes ${DATA}/copied/volumes | grep kept`)).toBe('running');
    const whole = await sh(digest('/containers/large/rootfs/usr/lib/x86_64-linux-gnu'));
    expect(await sh(digest(volume))).toBe(whole);
    expect(Number(whole.split('\n')[1])).toBeGreaterThan(moved + rest);
  });
});

const inside = (container: string, command: string): string => `cosctl exec ${container} sh -c '${command}'`;

it(
  'another image of a container has a new writable layer and the volumes of the one before; what nobody uses is pruned',
  { timeout: 20 * minute },
  async () => {
    await at('before', 'kept', async (sh) => {
      for (const container of ['changed', 'same', 'gone']) await sh(inside(container, 'echo written >/written; echo written >/scratch/written'));
      await sh(inside('changed', 'echo written >/data/written'));
      await sh(inside('gone', 'echo written >/lost/written'));
      await sh('sync');
    });
    await at('after', 'kept', async (sh) => {
      expect(await sh(inside('changed', 'cat /written /data/written /scratch/written'))).toMatch(
        /^cat: \/written: No such file or directory\s+written\s+written$/,
      );
      expect(await sh(inside('same', 'cat /written; echo $NEW'))).toMatch(/^written\s+1$/);

      // What is left of a container that is no longer in the image.
      const large = String.raw`anonymous volume +large/\w+-data`;
      const left = String.raw`layer +gone\s+layer +large\s+anonymous volume +gone/\w+-scratch\s+${large}`;
      const named = String.raw`volume +kept_large\s+volume +kept_lost`;
      expect(await sh('cosctl prune -n --volumes')).toMatch(new RegExp(String.raw`^KIND +NAME\s+${left}\s+${named}$`));
      expect(await sh('cosctl prune; cosctl prune')).toMatch(new RegExp(String.raw`^KIND +NAME\s+${left}$`));
      expect(await sh('cosctl prune --volumes')).toMatch(new RegExp(String.raw`^KIND +NAME\s+${named}$`));
      const there = `cd ${DATA} && echo layers/* anonymous/*/* volumes/*`;
      expect(await sh(there)).toMatch(
        /^layers\/big layers\/changed layers\/same anonymous\/big\/\w+-data anonymous\/changed\/\w+-scratch volumes\/kept_big volumes\/kept_named$/,
      );

      // A container that is deleted takes its layer and its anonymous volume along.
      await sh('cosctl delete -f changed');
      expect(await sh(there)).toMatch(/^layers\/big layers\/same anonymous\/big\/\w+-data volumes\/kept_big volumes\/kept_named$/);
      await sh('cosctl create --start changed');
      expect(await sh(inside('changed', 'cat /data/written; ls -A /scratch'))).toBe('written');
    });
  },
);

it('on a full disk the others go on, and the cause is named', { timeout: 20 * minute }, async () => {
  await execa('truncate', ['--size', '64M', disk('small')]);
  await at('after', 'small', async (sh) => {
    const reason = (container: string): string => `cat /run/container-os/containers/${container}/reason`;
    const status = (container: string): string => `cat /run/container-os/containers/${container}/status`;
    // A volume that gets more content than there is space.
    expect(await sh(reason('big'))).toMatch(/^did not start: volume kept_big: cannot copy the content of \/usr\/lib: .*No space left on device$/);
    expect(await sh(`${status('same')}; ${status('changed')}; ls ${DATA}/volumes/kept_big | wc -l`)).toMatch(/^running\s+running\s+0$/);

    // A writable layer that takes all.
    expect(await sh(inside('same', 'cat /dev/zero >/fill'))).toContain('No space left on device');
    expect(await sh(inside('changed', 'head -c 9000000 /dev/zero >/data/x'))).toContain('No space left on device');
    expect(await sh(`cosctl restart changed; ${status('changed')}; ${inside('changed', 'cat /etc/hostname')}`)).toMatch(/^running\s+\S+$/);
    // Whoever ends by that says so.
    await sh(
      'mkdir /tmp/full; echo \'{"rootfs":["changed"],"command":["sh","-c","head -c 9000000 /dev/zero >/data/x"],"volumes":["kept_named:/data"]}\' >/tmp/full/container.json',
    );
    await sh('cosctl create --start full /tmp/full; sleep 5');
    expect(await sh(reason('full'))).toMatch(/No space left on device \(the data disk is full\)$/);
    expect(await sh('cat /run/container-os/data/status /run/container-os/data/reason')).toMatch(/^full\s+\/dev\/\w+, 100% of \d+ MiB used$/);
  });
  await at('after', 'small', async (sh) => {
    expect(await sh('cosctl list')).toMatch(/changed +running[^]*same +running/);
    expect(await sh(`${inside('same', 'rm /fill')}; ${inside('changed', 'echo x >/data/x; cat /data/x')}`)).toBe('x');
  });
});

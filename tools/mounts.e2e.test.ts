// An OS with each kind of mount of Compose, secrets and configs among them: built, booted, written to, and booted again. What is edited re-makes
// one bundle. The values of secrets are in the root of the OS, and in no record.
import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from './files.ts';
import { copyWorkspace, nxEnvironment } from './workspace-copy.ts';

const directory = join(mkdtempSync(join(tmpdir(), 'mounts-')), 'workspace');
const disk = join(directory, '../data.img');
const COMPOSE = `name: mounts
services:
  app:
    image: busybox
    container_name: app
    x-os: { rootfs: [busybox] }
    command:
      - sh
      - -c
      - |
        echo "READ $$(cat /data/count /media/count /etc/nginx.conf /etc/app/app.conf /run/secrets/db /run/secrets/token /run/secrets/prod /app.ini | tr -s '\\n' ' ')"
        echo "MODE $$(stat -c %a:%u:%g /run/secrets/token /run/secrets/prod /etc/app/app.conf | tr '\\n' ' ')$$(date +%Z)$$(ls /none)"
        for file in /data/count /media/count /etc/nginx.conf; do echo more >>$$file; done
        echo no >/etc/app/app.conf || echo READ-ONLY
        sync
        exec sleep infinity
    volumes:
      - ./conf:/etc/app:ro,z
      - ./nginx.conf:/etc/nginx.conf
      - ./data:/data:cached
      - \${MEDIA}:/media
      - /etc/localtime:/etc/localtime:ro
      - /run/udev:/run/udev:ro
      - ./none:/none
    secrets: [db, { source: token, uid: "1000", mode: 0400 }, prod]
    configs: [app.ini]
  part:
    image: busybox
    container_name: part
    x-os: { rootfs: [busybox] }
    depends_on: [app]
    command: [sh, -c, 'until grep more /part/count; do sleep 1; done; echo "PART $$(cat /part/count /shared/count | tr -s "\\\\n" " ")"; exec sleep infinity']
    volumes: ["./data:/part:ro", "/srv/my media:/shared"]
secrets:
  db: { file: ./db.txt }
  token: { environment: TOKEN }
  prod: { external: true }
configs: { app.ini: { content: "port=$$\{P}" } }
x-os: { disk: 64, console: { shell: true } }
`;
const FILES = {
  'compose.yaml': COMPOSE,
  '.env': 'TOKEN=s3cr3t-of-env\nMEDIA=/srv/my media\n',
  'conf/app.conf': 'conf\n',
  'nginx.conf': 'nginx\n',
  'data/count': 'seed\n',
  // Both services mount it: an earlier run of this test has left nothing in the cache that one would take.
  'data/run': `${Date.now()}\n`,
  'db.txt': 's3cr3t-of-file\n',
};

const git = (...args: string[]): string => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' });
const file = (path: string): string => join(directory, 'os-images/mounts', path);
const artifact = (path: string): string => join(directory, 'dist/os-images/mounts', path);

/** `built`: the tasks that did not come from the cache. */
async function nx(...args: string[]): Promise<{ output: string; built: string[] }> {
  const { exitCode, all: output } = await execa('npx', ['nx', ...args], { cwd: directory, env: nxEnvironment(), extendEnv: false, all: true, reject: false });
  expect(exitCode, output).toBe(0);
  return { output, built: [...output.matchAll(/^> nx run ([\w-]+:[\w-]+)\s*$/gm)].map(([, task = '']) => task).sort() };
}

beforeAll(() => {
  // A work tree of this repository shares its cache: nothing of the base is built again.
  git('worktree', 'add', '--quiet', '--detach', '--no-checkout', directory);
  copyWorkspace(directory);
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(file(path)), { recursive: true });
    writeFileSync(file(path), text);
  }
});
afterAll(() => {
  git('worktree', 'remove', '--force', directory);
  rmSync(dirname(directory), { recursive: true, force: true });
});

// The time is for a machine whose cache lacks the base.
it('is built; no log, option or record has the value of a secret', { timeout: 1_200_000 }, async () => {
  const { output } = await nx('run', 'mounts:iso', '--outputStyle=stream');
  expect(output).toContain('./none is not there: /none is an empty directory');
  expect(output).toContain('SECRET_IN_IMAGE: the image and every cache that has it hold the values of secrets.db, secrets.token');
  expect(output).toMatch(/compose.yaml:\d+:\d+: services.app.volumes\[5\] is an opt-out/);
  const project = await nx('show', 'project', 'mounts', '--json');
  const records = ['inputs.json', 'manifest.json'].map((name) => readFileSync(artifact(`bundle-app/${name}`), 'utf8'));
  const data = join(directory, '.nx/workspace-data/container-os-images.json');
  expect(existsSync(data)).toBe(true);
  expect([output, project.output, ...records, readFileSync(data, 'utf8')].join('\n')).not.toContain('s3cr3t');
});

it('waits for its external secret; what it writes is there after a reboot', { timeout: 900_000 }, async () => {
  const first = await booted([
    'cosctl list',
    'mkdir /var/lib/container-os/secrets; echo prod >/run/prod; mv /run/prod /var/lib/container-os/secrets/prod',
    'until cosctl logs app | grep MODE; do sleep 1; done',
    'cosctl logs app; until cosctl logs part | grep PART; do sleep 1; done; cosctl logs part',
  ]);
  expect(first).toMatch(/app +waiting .* waits for the secret "prod"/);
  expect(first).toContain('READ seed nginx conf s3cr3t-of-file s3cr3t-of-envprod port=${P}');
  expect(first).toContain('MODE 400:1000:0 444:0:0 644:0:0 UTC');
  expect(first).toContain('READ-ONLY');
  expect(first).toContain('PART seed more more');
  const second = await booted(['until cosctl logs app | grep MODE; do sleep 1; done; cosctl logs app']);
  expect(second).toContain('READ seed more more nginx more conf s3cr3t-of-file s3cr3t-of-envprod port=${P}');
});

it('takes its external secret from QEMU', { timeout: 450_000 }, async () => {
  rmSync(disk);
  writeFileSync(join(directory, '../prod'), 'of-qemu');
  const said = await booted(
    ['until cosctl logs app | grep MODE; do sleep 1; done; cosctl logs app; ls /var/lib/container-os/secrets'],
    ['-fw_cfg', `name=opt/org.container-os/secrets/prod,file=${join(directory, '../prod')}`],
  );
  expect(said).toContain('s3cr3t-of-envof-qemu');
  expect(said).not.toContain('waits for the secret');
});

it.each<[string, () => void, string[]]>([
  ['a bound file', () => writeFileSync(file('conf/app.conf'), 'other\n'), ['bundle-app']],
  ['the mode of a bound file', () => chmodSync(file('nginx.conf'), 0o755), ['bundle-app']],
  ['a bound folder that two services mount', () => mkdirSync(file('data/empty')), ['bundle-app', 'bundle-part']],
  ['the file of a secret', () => writeFileSync(file('db.txt'), 's3cr3t-2'), ['bundle-app']],
  ['the variable of a secret', () => writeFileSync(file('.env'), FILES['.env'].replace('of-env', '3')), ['bundle-app']],
  ['a file that nobody mounts', () => writeFileSync(file('other'), 'x'), []],
])('an edit re-makes what reads it: %s', async (_, edit, bundles) => {
  edit();
  const { built } = await nx('run-many', '--projects=mounts', '--targets=bundle-app,bundle-part', '--outputStyle=stream');
  expect(built.filter((task) => task.startsWith('mounts:'))).toEqual(bundles.map((name) => `mounts:${name}`));
});

/** Boots, types each command after the one before has ended, powers off; what the console said. */
async function booted(commands: readonly string[], more: readonly string[] = []): Promise<string> {
  execFileSync('truncate', ['--size', '64M', disk]);
  const guest = execa(
    'timeout',
    [
      ...['--kill-after=5', '380', 'qemu-system-x86_64', '-machine', 'q35,accel=tcg', '-cpu', 'qemu64,+rdrand', '-m', '256', '-nodefaults', '-no-reboot'],
      ...['-display', 'none', '-serial', 'stdio', '-netdev', 'user,id=uplink', '-device', 'virtio-net-pci,netdev=uplink,romfile='],
      ...['-drive', `if=none,id=cd,format=raw,readonly=on,file=${artifact('../mounts/mounts.iso')}`, '-device', 'ide-cd,drive=cd,bootindex=0'],
      ...['-drive', `if=none,id=data,format=raw,file=${disk}`, '-device', 'virtio-blk-pci,drive=data', ...more],
    ],
    { all: true, reject: false, buffer: false, stdin: 'pipe' },
  );
  let text = '';
  guest.all.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let ended = false;
  void guest.finally(() => (ended = true));
  const until = async (there: () => boolean): Promise<void> => {
    while (!there()) {
      if (ended) throw new Error(`the guest ended:\n${text.slice(-8000)}`);
      await setTimeout(200);
    }
  };
  await until(() => text.includes('# '));
  for (const [index, command] of commands.entries()) {
    // The console shows the command as well.
    guest.stdin.write(`${command}; echo EN""DED-${index}\n`);
    await until(() => text.includes(`ENDED-${index}`));
  }
  guest.stdin.write('poweroff\n');
  await guest;
  return text.replaceAll('\r', '');
}

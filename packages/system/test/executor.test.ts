import { readManifest } from '@container-os/core';
import { resolveOptions, useWorkspace } from '@container-os/core/testing';
import { bytesOf, type Entry } from '@container-os/cpio';
import { readLayer } from '@container-os/cpio/fs';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import system from '../src/executor.ts';
import programs from '../src/programs/executor.ts';
import type { SystemOptions } from '../src/schema.d.ts';
import systemRecipe from '../src/recipe.json' with { type: 'json' };
import schema from '../src/schema.json' with { type: 'json' };

const workspace = useWorkspace();

const artifact = (): string => workspace.artifact('system');

async function build(options: Partial<SystemOptions>, files: Record<string, string> = {}): Promise<boolean> {
  for (const [path, text] of Object.entries(files)) await workspace.write(path, text);
  return workspace.run(system, 'system', resolveOptions(schema, options));
}

const layer = async (): Promise<Map<string, Entry>> => new Map((await readLayer(join(artifact(), 'layer.cpio'))).map((entry) => [entry.path, entry]));

const text = (entry: Entry | undefined): string => (entry?.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : `${entry?.type}`);

const NETWORK = JSON.stringify({ cniVersion: '1.0.0', name: 'cni0', plugins: [{ type: 'bridge' }] });

describe('the layer', () => {
  it("has /init and all that it runs as programs, what is only read as data, all of it root's", async () => {
    expect(await build({})).toBe(true);
    const entries = await layer();
    const modes = Object.fromEntries(
      ['init', 'etc/boot.d/10-mounts.sh', 'usr/lib/container-os/boot', 'usr/lib/container-os/report.sh', 'etc/inittab'].map((path) => [
        path,
        entries.get(path)?.mode.toString(8),
      ]),
    );
    expect(modes).toEqual({
      init: '755',
      'etc/boot.d/10-mounts.sh': '755',
      'usr/lib/container-os/boot': '755',
      'usr/lib/container-os/report.sh': '644',
      'etc/inittab': '644',
    });
    expect([...entries.values()].filter(({ uid, gid }) => uid !== 0 || gid !== 0)).toEqual([]);
  });

  it('has what the kernel needs before anything is mounted: a console, and mount points', async () => {
    expect(await build({})).toBe(true);
    const entries = await layer();
    expect(entries.get('dev/console')).toMatchObject({ type: 'character', major: 5, minor: 1, mode: 0o600 });
    expect(entries.get('tmp')).toMatchObject({ type: 'directory', mode: 0o1777 });
    for (const path of ['proc', 'sys', 'run', 'mnt', 'containers']) expect(entries.get(path)).toMatchObject({ type: 'directory', mode: 0o755 });
  });

  it.each<[Partial<SystemOptions>, string]>([
    [{}, 'runc'],
    [{ ociRuntime: 'crun' }, 'crun'],
  ])('with the options %j has oci-runtime lead to %s', async (options, target) => {
    expect(await build(options)).toBe(true);
    const entries = await layer();
    expect(entries.get('usr/lib/container-os/oci-runtime')).toMatchObject({ type: 'symlink', target: `/usr/sbin/${target}` });
  });

  it('has a shell on the console only when the option says so', async () => {
    expect(await build({})).toBe(true);
    expect(text((await layer()).get('etc/inittab'))).not.toContain('console');
    expect(await build({ consoleShell: true })).toBe(true);
    expect(text((await layer()).get('etc/inittab'))).toMatch(/^::sysinit:.*\n(.*\n)*::respawn:\/usr\/lib\/container-os\/console - yes\n$/);
  });

  it('carries host name, networks and message of the image', async () => {
    expect(
      await build({ hostname: 'edge', networks: ['network/10-cni0.conflist'], motd: 'motd' }, { 'network/10-cni0.conflist': NETWORK, motd: 'welcome\n' }),
    ).toBe(true);
    const entries = await layer();
    expect(text(entries.get('etc/hostname'))).toBe('edge\n');
    expect(text(entries.get('etc/motd'))).toBe('welcome\n');
    expect(text(entries.get('etc/os-release'))).toContain('IMAGE_ID=demo\n');
    expect(JSON.parse(text(entries.get('usr/lib/container-os/networks/00.default/00.bridge.json')))).toEqual({
      type: 'bridge',
      cniVersion: '1.0.0',
      name: 'cni0',
    });
  });

  it('has equal bytes whatever the umask, and no date', async () => {
    expect(await build({})).toBe(true);
    const first = await readFile(join(artifact(), 'layer.cpio'));
    const umask = process.umask(0o077);
    try {
      expect(await build({})).toBe(true);
    } finally {
      process.umask(umask);
    }
    expect((await readFile(join(artifact(), 'layer.cpio'))).equals(first)).toBe(true);
    expect(await readManifest(artifact())).toMatchObject({ name: 'system', licence: 'Apache-2.0' });
  });
});

describe('the scripts in it', () => {
  it('topic scripts are numbered, and short enough to read at a glance', async () => {
    expect(await build({})).toBe(true);
    const topics = [...(await layer()).values()].filter(({ path }) => /^etc\/(boot|up)\.d\//.test(path));
    expect(topics.length).toBeGreaterThan(5);
    for (const topic of topics) {
      expect(topic.path).toMatch(/^etc\/(boot|up)\.d\/\d\d-[a-z]+\.sh$/);
      expect(text(topic).split('\n').length).toBeLessThanOrEqual(26);
    }
  });
});

describe('bad input', () => {
  it.each([
    [{ networks: ['network/none.conflist'] }, {}, 'FILE_MISSING', 'correct the option "networks"'],
    [{ motd: 'motd' }, {}, 'FILE_MISSING', 'correct the option "motd"'],
    [
      { networks: ['network/a.conflist', 'network/b.conflist'] },
      { 'network/a.conflist': NETWORK, 'network/b.conflist': NETWORK },
      'CNI_CONFIG_INVALID',
      'network/b.conflist: /name: expected a unique name',
    ],
    [{ networks: ['network/n.conflist'] }, { 'network/n.conflist': '{"name":"n"}' }, 'CNI_CONFIG_INVALID', 'network/n.conflist: /cniVersion'],
  ] as [SystemOptions, Record<string, string>, string, string][])(
    '%j fails with a code and a hint, and leaves no artifact',
    async (options, files, code, message) => {
      expect(await build(options, files)).toBe(false);
      expect(workspace.written).toContain(`${code}: `);
      expect(workspace.written).toContain(message);
      await expect(readManifest(artifact())).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
    },
  );
});

describe('the programs of the OS', () => {
  const built = (): string => join(workspace.artifact('programs'), 'layer.cpio');

  it('are a layer of their own, executable, and need no library', async () => {
    expect(await workspace.run(programs, 'programs', {})).toBe(true);
    const files = (await readLayer(built())).filter(({ type }) => type === 'file');
    expect(files.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
      'usr/lib/container-os/adopt 755',
      'usr/lib/container-os/copy-up 755',
      'usr/lib/container-os/forget 755',
      'usr/lib/container-os/idmap 755',
      'usr/lib/container-os/resolver 755',
      'usr/sbin/oci-runtime 755',
    ]);
    for (const [index, entry] of files.entries()) {
      const program = join(workspace.root, `program-${index}`);
      await writeFile(program, entry.type === 'file' ? bytesOf(entry.data) : '');
      expect(execFileSync('readelf', ['--program-headers', program], { encoding: 'utf8' })).not.toContain('INTERP');
    }
  });

  it('are compiled for no image: the layer "system" has none of them, and needs no compiler', async () => {
    expect(await build({})).toBe(true);
    const programs = [...(await layer()).values()].filter(
      (entry) => entry.type === 'file' && Buffer.from(bytesOf(entry.data)).subarray(1, 4).toString() === 'ELF',
    );
    expect(programs).toEqual([]);
    expect(systemRecipe).not.toHaveProperty('tools');
  });
});

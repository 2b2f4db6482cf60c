import type { ExecutorContext } from '@nx/devkit';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toolOf } from '@container-os/core';
import { root as workspace } from '../../../tools/files.ts';
import { recipeTools } from '../../../tools/host-tools.mjs';
import { installCommand, readDistribution } from '../src/doctor/distribution.ts';
import doctor from '../src/doctor/executor.ts';
import names from '../src/doctor/packages.json' with { type: 'json' };
import { tasksOf } from '../src/doctor/needs.ts';
import { infer } from '../src/infer/infer.ts';

let root: string;
let printed: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'doctor-'));
  printed = '';
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => ((printed += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const projects = Object.fromEntries(
  Object.values(infer('os-images/demo-os/compose.yaml', workspace, { sources: 'source' }).projects).map((project) => [project.name ?? '', project]),
);

/** What Nx hands to `demo-os:doctor` of this workspace. */
const context = {
  root: workspace,
  cwd: workspace,
  isVerbose: false,
  projectName: 'demo-os',
  targetName: 'doctor',
  target: projects['demo-os']!.targets!['doctor']!,
  projectsConfigurations: { version: 2, projects },
  nxJsonConfiguration: {},
  projectGraph: { nodes: {}, dependencies: {} },
} as ExecutorContext;

it('asks for the tools of all targets of the image, those of its base among them, and of no other', () => {
  const ids = tasksOf('demo-os', projects).map(({ project, target }) => `${project}:${target}`);
  expect(ids).toEqual(expect.arrayContaining(['demo-os:iso', 'demo-os:qemu-test--iso-uefi', 'base-vm:kernel', 'base-vm:sources']));
  expect(ids).not.toContain('base-vm:update-sources');
});

it('is content with a machine on which everything is built', async () => {
  expect(await doctor({}, context)).toEqual({ success: true });
  expect(printed).toContain('nothing is missing');
});

it('names each tool that is not there, the targets that need it, and one command', async () => {
  mkdirSync(join(root, 'bin'));
  for (const tool of Object.keys(recipeTools(workspace))) {
    const { present, path } = toolOfAny(tool);
    if (['mksquashfs', 'xorriso', 'make'].includes(tool) || present !== undefined || path !== undefined) continue;
    try {
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(root, 'bin', tool));
    } catch {
      // Not on this machine either, and optional.
    }
  }
  vi.stubEnv('PATH', join(root, 'bin'));
  expect(await doctor({}, context)).toEqual({ success: false });
  expect(printed).toContain('HOST_INCOMPLETE: demo-os cannot be built and tested on this machine:\n');
  expect(printed).toContain('mksquashfs is not on PATH: rootfs\n');
  expect(printed).toMatch(/xorriso is not on PATH: iso, qemu-test--direct, qemu-soak\n/);
  expect(printed).toMatch(/ {2}make is not on PATH: .*kernel-config/);
  expect(printed).toMatch(/hint:.* make squashfs-tools xorriso\n/);
});

function toolOfAny(name: string): { present?: string; path?: string } {
  try {
    return toolOf(name);
  } catch {
    return {};
  }
}

describe('on a machine of another kind', () => {
  const processor = (arch: string) => vi.spyOn(process, 'arch', 'get').mockReturnValue(arch as NodeJS.Architecture);

  it('says what is refused there', async () => {
    processor('arm64');
    expect(await doctor({}, context)).toEqual({ success: false });
    expect(printed).toContain(
      'base-vm:kernel: this host is linux arm64, expected linux x64: its compiler, gcc, makes programs for the machine on which it runs',
    );
    expect(printed).not.toContain('demo-os:iso');
  });

  it('refuses where it is no Linux', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(await doctor({}, context)).toEqual({ success: false });
    expect(printed).toContain('HOST_UNSUPPORTED: demo-os:doctor: this host is darwin');
  });
});

describe('the command of a distribution', () => {
  const osRelease = (id: string, like = ''): string => `NAME="Some Linux"\nPRETTY_NAME="Some Linux 1"\nID=${id}\nID_LIKE="${like}"\nVERSION_ID='1'\n`;

  it.each([
    ['debian', '', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends grub-pc-bin xz-utils'],
    ['linuxmint', 'ubuntu debian', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends grub-pc-bin xz-utils'],
    ['fedora', '', 'sudo dnf install -y grub2-pc-modules xz'],
    ['rocky', 'rhel centos fedora', 'sudo dnf install -y grub2-pc-modules xz'],
    ['alpine', '', 'sudo apk add grub-bios xz'],
    ['arch', '', 'sudo pacman -S --needed --noconfirm grub xz'],
    ['opensuse-tumbleweed', 'opensuse suse', 'sudo zypper --non-interactive install grub2-i386-pc xz'],
    ['nixos', '', 'Install what these packages of Debian have: grub-pc-bin xz-utils'],
  ])('%s', (id, like, command) => {
    const distribution = readDistribution(osRelease(id, like));
    expect(distribution.name).toBe('Some Linux 1');
    expect(installCommand(['xz-utils', 'grub-pc-bin', 'xz-utils'], distribution, 'sudo ')).toBe(command);
  });

  it('has a name for each package that a recipe can ask for', () => {
    const asked = [...new Set(Object.values(recipeTools(workspace)).flatMap(({ deb }) => deb ?? []))].filter((name) => !['apt', 'dpkg'].includes(name));
    expect(asked.filter((name) => !(name in names))).toEqual([]);
  });
});

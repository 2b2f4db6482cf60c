import { fileEntry, symlinkEntry, toTree, type Entry } from '@container-os/cpio';
import { readTree } from '@container-os/cpio/fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeConfig } from '../src/config.ts';
import { parseDefinition } from '../src/definition.ts';
import type { OciConfig } from '../src/oci-config.ts';
import { requireProgram } from '../src/program.ts';
import { assembleRootfs, mountPoints } from '../src/rootfs.ts';
import { validateConfig, validateRootfs } from '../src/validate.ts';
import { elf } from './elf.ts';
import { PROFILE } from './profile.ts';
import { CASES, rootfsOf } from './start-cases.ts';

const BUSYBOX: Entry[] = [fileEntry('bin/busybox', elf(), 0o755), ...['sh', 'true', 'wget', 'sleep'].map((name) => symlinkEntry(`bin/${name}`, 'busybox'))];
const ROOTFS = rootfsOf(BUSYBOX);

function check(config: OciConfig): void {
  validateConfig('web', config);
  validateRootfs('web', config, ROOTFS);
  requireProgram('web', ROOTFS, config);
}

describe('what starts is not refused:', () => {
  it.each(CASES.filter(({ refusal }) => refusal === undefined))('$name', ({ config }) => {
    expect(() => check(config)).not.toThrow();
  });
});

describe('what cannot start is refused, and why:', () => {
  it.each(CASES.filter(({ refusal }) => refusal !== undefined))('$name', ({ config, refusal }) => {
    expect(() => check(config)).toThrow(expect.objectContaining({ message: expect.stringContaining(refusal ?? ''), hint: expect.stringMatching(/\w/) }));
  });
});

describe('what a runtime passes over though nobody can mean it is refused:', () => {
  it.each<[object, string]>([
    [{ env: ['PATH'] }, '/process/env/0: expected NAME=value, got "PATH"'],
    [{ env: ['=x'] }, '/process/env/0: expected NAME=value'],
    [{ args: ['/bin/true', 'a\0b'] }, '/process/args/1: expected text without NUL'],
    [{ capabilities: { bounding: ['CAP_NET_RWA'] } }, '/process/capabilities/bounding/0: expected a capability of Linux, got "CAP_NET_RWA"'],
  ])('%j', (process, message) => {
    const config = CASES[0]?.config as OciConfig;
    expect(() => check({ ...config, process: { ...config.process, ...process } })).toThrow(message);
  });
});

describe('a health check', () => {
  const checked = (test: string[]) => () => requireProgram('web', ROOTFS, CASES[0]?.config as OciConfig, { test } as never);

  it('whose program is there passes', () => {
    expect(checked(['CMD', 'true', '-x'])).not.toThrow();
    expect(checked(['CMD-SHELL', 'none'])).not.toThrow();
  });

  it('whose program cannot start is refused', () => {
    expect(checked(['CMD', '/x/crlf'])).toThrow('container "web" checks its health by "/x/crlf": /x/crlf has CR LF');
    expect(checked(['CMD', 'none'])).toThrow('container "web" checks its health by "none": its rootfs has no ');
  });
});

describe('every container of the images of this repository', async () => {
  const images = join(import.meta.dirname, '../../../os-images');
  const files = (await readdir(images, { recursive: true })).filter((file) => file.endsWith('/container.json'));

  it('is looked at', () => {
    expect(files.length).toBeGreaterThan(3);
  });

  it.each(files)('%s passes', async (file) => {
    const directory = dirname(join(images, file));
    const definition = parseDefinition(file, await readFile(join(images, file), 'utf8'));
    const own = await Promise.all(
      definition.rootfs.filter((part) => part.startsWith('./')).map(async (part) => ({ name: part, entries: await readTree(join(directory, part)) })),
    );
    const rootfs = assembleRootfs([{ name: 'busybox', entries: ROOTFS.filter(({ path }) => /^(bin|etc)(\/|$)/.test(path)) }, ...own]);
    const config = makeConfig('web', { definition, patches: [], profile: PROFILE });
    const root = toTree([...rootfs, ...mountPoints(rootfs, config)]);
    validateRootfs('web', config, root);
    requireProgram('web', root, config, definition.healthcheck);
  });
});

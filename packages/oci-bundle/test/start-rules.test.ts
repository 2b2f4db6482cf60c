import { fileEntry, symlinkEntry, type Entry } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import type { OciConfig } from '../src/oci-config.ts';
import { requireProgram } from '../src/program.ts';
import { byPath } from '../src/root-view.ts';
import { validateConfig, validateRootfs } from '../src/validate.ts';
import { elf } from './elf.ts';
import { CASES, rootfsOf } from './start-cases.ts';

const BUSYBOX: Entry[] = [fileEntry('bin/busybox', elf(), 0o755), ...['sh', 'true', 'wget', 'sleep'].map((name) => symlinkEntry(`bin/${name}`, 'busybox'))];
const ROOTFS = rootfsOf(BUSYBOX);

function check(config: OciConfig): void {
  validateConfig('web', config);
  validateRootfs('web', config, byPath(ROOTFS));
  requireProgram('web', byPath(ROOTFS), config);
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
  const checked = (test: string[]) => () => requireProgram('web', byPath(ROOTFS), CASES[0]?.config as OciConfig, { test } as never);

  it('whose program is there passes', () => {
    expect(checked(['CMD', 'true', '-x'])).not.toThrow();
    expect(checked(['CMD-SHELL', 'none'])).not.toThrow();
  });

  it('whose program cannot start is refused', () => {
    expect(checked(['CMD', '/x/crlf'])).toThrow('container "web" checks its health by "/x/crlf": /x/crlf has CR LF');
    expect(checked(['CMD', 'none'])).toThrow('container "web" checks its health by "none": its rootfs has no ');
  });
});

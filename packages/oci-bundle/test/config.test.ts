import { describe, expect, it } from 'vitest';
import { makeConfig as make } from '../src/config.ts';
import type { OciConfig } from '../src/oci-config.ts';
import { checkName, planBundle, type JsonObject } from '../src/plan.ts';
import { PROFILE } from './profile.ts';

const makeConfig = (container: string, patches: JsonObject[]): OciConfig =>
  make(container, { definition: { rootfs: ['busybox'], command: ['/bin/sh'] }, patches, profile: PROFILE });

describe('patches', () => {
  it('are merged in order; a list replaces, null removes', () => {
    const config = makeConfig('web', [
      { process: { args: ['a', 'b'], cwd: '/srv' }, hostname: 'x' },
      { process: { args: ['c'] }, hostname: null },
    ]);
    expect(config.process).toMatchObject({ args: ['c'], cwd: '/srv', noNewPrivileges: false });
    expect(config['hostname']).toBeUndefined();
  });

  it("do not change the next container's base", () => {
    const before = makeConfig('b', []);
    makeConfig('a', [{ process: { env: ['A=1'] }, linux: { readonlyPaths: [], maskedPaths: [] } }]);
    expect(makeConfig('b', [])).toEqual(before);
  });
});

describe('what OCI does not know', () => {
  it.each([
    [{ process: { cwd: 5 } }, '/process/cwd: expected string, got 5'],
    [{ process: { capabilites: {} } }, '/process/capabilites: expected one of the keys args, commandLine'],
    [{ linux: { namespaces: [{ type: 'nett' }] } }, '/linux/namespaces/0/type: expected one of mount, pid, network, uts, ipc, user, cgroup, time, got "nett"'],
    [{ linux: { resources: { pids: { limit: 7 } } } }, undefined],
    [{ linux: { resources: { pids: { limit: null } } } }, '/linux/resources/pids/limit: expected a value, got nothing'],
    [{ process: { rlimits: [{ type: 'NOFILE', soft: 1, hard: 1 }] } }, '/process/rlimits/0/type: expected to match pattern'],
    [{ linux: { resources: { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } } } }, undefined],
    [{ windows: {} }, '/windows: expected no such section: it is for another platform'],
    [{ ociVersion: null }, '/ociVersion: expected a value, got nothing'],
  ])('%j', (patch, message) => {
    if (message === undefined) expect(() => makeConfig('web', [patch])).not.toThrow();
    else
      expect(() => makeConfig('web', [patch])).toThrow(
        expect.objectContaining({ code: 'OCI_CONFIG_INVALID', message: expect.stringContaining(`configuration of container "web": ${message}`) }),
      );
  });

  it.each([
    [{ process: { args: [] } }, '/process/args: expected a program and its arguments, got []'],
    [{ process: { cwd: 'srv' } }, '/process/cwd: expected an absolute path, got "srv"'],
    [{ process: { capabilities: null } }, '/process/capabilities: expected an object; for no capabilities, one with empty lists, got nothing'],
    [{ root: { path: '/' } }, '/root/path: expected "rootfs", got "/"'],
    [{ process: null }, '/process/args: expected a program and its arguments, got nothing'],
  ])('what OCI allows and this OS cannot run: %j', (patch, message) => {
    expect(() => makeConfig('web', [patch])).toThrow(`configuration of container "web": ${message}`);
  });
});

describe('the plan', () => {
  it('names the container after the target', () => {
    expect(planBundle({ rootfs: ['busybox'], service: { user: '5' }, patches: ['a.json', { hostname: 'x' }] }, { target: 'bundle-web' })).toEqual({
      containers: [{ container_name: 'web' }],
      rootfs: ['busybox'],
      service: { user: '5' },
      environment: undefined,
      binds: [],
      patches: ['a.json', { hostname: 'x' }],
    });
  });

  it.each(['', '../a', '-a', '.a', '_a', 'a b', 'a:b', 'a/b', 'ä', 'cpu.stat', 'cgroup.procs', 'x'.repeat(129)])('refuses the name %j', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'CONTAINER_NAME_INVALID' }));
  });
});

import { describe, expect, it } from 'vitest';
import { baseConfig } from '../src/base-config.ts';
import { makeConfig } from '../src/config.ts';
import { planBundle } from '../src/plan.ts';

describe('the base configuration', () => {
  it('is valid, and private in every namespace but the user\'s', () => {
    const config = makeConfig('web', []);
    expect(config).toEqual(baseConfig('web'));
    expect((config['linux'] as { namespaces: unknown }).namespaces).toEqual(['pid', 'mount', 'network', 'ipc', 'uts', 'cgroup'].map((type) => ({ type })));
  });

  it('gives no container a device file system that can hold set-user-ID programs, nor a writable root', () => {
    const { mounts = [], root, process } = baseConfig('web');
    expect(mounts.filter(({ options = [] }) => !options.includes('nosuid'))).toEqual([]);
    expect(root.readonly).toBe(true);
    expect(process['noNewPrivileges']).toBe(true);
  });
});

describe('patches', () => {
  it('are merged in order; a list replaces, null removes', () => {
    const config = makeConfig('web', [{ process: { args: ['a', 'b'], cwd: '/srv' }, hostname: 'x' }, { process: { args: ['c'] }, hostname: null }]);
    expect(config.process).toMatchObject({ args: ['c'], cwd: '/srv', noNewPrivileges: true });
    expect(config['hostname']).toBeUndefined();
  });

  it('do not change the next container\'s base', () => {
    makeConfig('a', [{ process: { env: ['A=1'] }, linux: { namespaces: [] } }]);
    expect(makeConfig('b', [])).toEqual(baseConfig('b'));
  });
});

describe('what OCI does not know', () => {
  it.each([
    [{ process: { cwd: 5 } }, '/process/cwd: expected string, got 5'],
    [{ process: { capabilites: {} } }, '/process/capabilites: expected one of the keys args, commandLine'],
    [{ linux: { namespaces: [{ type: 'nett' }] } }, '/linux/namespaces/0/type: expected one of mount, pid, network, uts, ipc, user, cgroup, time, got "nett"'],
    [{ linux: { resources: { pids: {} } } }, undefined],
    [{ linux: { resources: { pids: { limit: null } } } }, '/linux/resources/pids/limit: expected a value, got nothing'],
    [{ process: { rlimits: [{ type: 'NOFILE', soft: 1, hard: 1 }] } }, '/process/rlimits/0/type: expected to match pattern'],
    [{ linux: { resources: { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } } } }, undefined],
    [{ windows: {} }, '/windows: expected nothing: the section is for another platform'],
    [{ ociVersion: null }, '/ociVersion: expected a value, got nothing'],
  ])('%j', (patch, message) => {
    if (message === undefined) expect(() => makeConfig('web', [patch])).not.toThrow();
    else expect(() => makeConfig('web', [patch])).toThrow(expect.objectContaining({ code: 'OCI_CONFIG_INVALID', message: expect.stringContaining(`configuration of container "web": ${message}`) }));
  });

  it.each([
    [{ process: { args: [] } }, '/process/args: expected a program and its arguments, got []'],
    [{ process: { cwd: 'srv' } }, '/process/cwd: expected an absolute path, got "srv"'],
    [{ process: { terminal: true } }, '/process/terminal: expected false, got true'],
    [{ process: { capabilities: null } }, '/process/capabilities: expected an object, an empty list in it for none, got nothing'],
    [{ root: { path: '/' } }, '/root/path: expected "rootfs", got "/"'],
    [{ process: null }, '/process/args: expected a program and its arguments, got nothing'],
  ])('what OCI allows and this OS cannot run: %j', (patch, message) => {
    expect(() => makeConfig('web', [patch])).toThrow(`configuration of container "web": ${message}`);
  });
});

describe('the plan', () => {
  const target = { target: 'bundle-web', dependsOn: ['busybox'] };

  it('names the container after the target, and tells layers from directories by dependsOn', () => {
    expect(planBundle({ rootfs: ['busybox', 'containers/web/rootfs'], config: ['a.json', { hostname: 'x' }] }, target)).toEqual({
      name: 'web',
      parts: [{ layer: 'busybox' }, { directory: 'containers/web/rootfs' }],
      config: ['a.json', { hostname: 'x' }],
    });
    expect(planBundle({ rootfs: ['r'], name: 'shop' }, target).name).toBe('shop');
  });

  it.each(['', 'Web', 'a_b', '../a', '-a', 'a-', 'x'.repeat(64)])('refuses the name %j', (name) => {
    expect(() => planBundle({ rootfs: ['r'], name }, target)).toThrow(expect.objectContaining({ code: 'CONTAINER_NAME_INVALID' }));
  });
});

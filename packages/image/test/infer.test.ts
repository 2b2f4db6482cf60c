import { describe, expect, it, vi } from 'vitest';
import { BASE, infer, inferred, shop, WEB } from './shop.ts';

describe('a compose.yaml with x-os', () => {
  it('is an image of a few lines, on a base with all that does not depend on it', () => {
    const projects = infer(`${WEB}x-os: {}\n`);
    expect(Object.keys(projects)).toEqual([BASE, 'os-images/shop']);
    const { name, targets = {}, implicitDependencies } = projects['os-images/shop']!;
    expect(name).toBe('shop');
    expect(Object.keys(targets)).toEqual([
      'bundle-web',
      'system',
      'rootfs',
      'iso',
      'run',
      'qemu-test--direct',
      'qemu-test--iso-bios',
      'qemu-test--iso-uefi',
      'qemu-soak',
      'qemu-machines',
      'doctor',
      'qemu-test',
    ]);
    expect(implicitDependencies).toContain('base-vm');
    expect(targets['bundle-web']).toMatchObject({
      executor: '@container-os/oci-bundle:oci-bundle',
      cache: true,
      options: { rootfs: ['busybox', './web'], service: { command: ['httpd', '-f'], ports: ['8080:80'] } },
      dependsOn: [
        { target: 'sources', projects: ['base-vm'] },
        { target: 'busybox', projects: ['base-vm'] },
      ],
      outputs: ['{workspaceRoot}/dist/os-images/shop/bundle-web'],
    });
    expect(targets['iso']!.outputs).toEqual(['{workspaceRoot}/dist/os-images/shop/iso', '{workspaceRoot}/dist/os-images/shop/{projectName}.iso']);
    expect(targets['rootfs']!.options).toMatchObject({ layers: ['busybox', 'crun', 'tini', 'cni-plugins', 'e2fsprogs', 'cosctl', 'system', 'bundle-web'] });
    expect(Object.values(targets).every(({ metadata }) => metadata?.description)).toBe(true);
    expect(targets['qemu-machines']!.parallelism).toBe(false);
    expect(targets['run']!.continuous).toBe(true);
    expect(targets['iso']!.parallelism).toBeUndefined();
  });

  it('without x-os is none', () => {
    expect(infer(WEB)).toEqual({});
    expect(infer(`# x-os: {}\n${WEB}`)).toEqual({});
  });

  it('gives its networks bridges: the internal ones have no way out', () => {
    const { system } = shop(
      'services: { web: { image: i, x-os: { rootfs: [busybox] }, command: [a], networks: [db, default] } }\nnetworks: { db: { internal: true } }\nx-os: {}\n',
    );
    const lists = system!.options.networks as { file: string; list: { name: string; plugins: { ipMasq?: boolean }[] } }[];
    expect(lists.map(({ file, list }) => [file, list.name, list.plugins.length])).toEqual([
      ['10-default.conflist', 'default', 2],
      ['11-db.conflist', 'db', 1],
    ]);
    expect(lists[1]!.list.plugins[0]!.ipMasq).toBeUndefined();
  });

  it('has its own kernel for a fragment of its own, and all else from the base', () => {
    const targets = shop(`${WEB}x-os: { kernel: { fragments: [wifi.config] } }\n`);
    expect(Object.keys(targets).filter((name) => name.startsWith('kernel'))).toEqual(['kernel-config', 'kernel-hardening', 'kernel']);
    expect(targets).not.toHaveProperty('busybox');
    expect(targets['kernel-config']!.options).toMatchObject({ base: '../../packages/image/bases/vm/kernel/vm.config' });
    const { fragments } = targets['kernel-config']!.options as { fragments: string[] };
    expect(fragments[0]).toBe('../../packages/image/bases/vm/kernel/containers.config');
    expect(fragments.at(-1)).toBe('wifi.config');
    expect(targets['kernel-config']!.inputs).toContain('{workspaceRoot}/packages/image/bases/vm/kernel/vm.config');
    expect(targets['kernel']!.dependsOn).toEqual([{ target: 'sources', projects: ['base-vm'] }, 'kernel-config']);
    expect(targets['iso']!.dependsOn).toEqual(['kernel', { target: 'initramfs', projects: ['base-vm'] }, 'rootfs']);
  });

  it('run says the machine of run and of the boot tests, whose own options come first', () => {
    const targets = shop(`${WEB}x-os: { run: { memory: 2048, processors: 2, cpu: x86-64-v2 }, test: { memory: 512 } }\n`);
    expect(targets.run!.options).toEqual({ memory: 2048, processors: 2, cpu: 'x86-64-v2' });
    expect(targets['qemu-test--direct']!.options).toMatchObject({ memory: 512, processors: 2, cpu: 'x86-64-v2' });
    expect(targets['qemu-machines']!.options).not.toHaveProperty('cpu');
  });

  it('name servers, domains and options of a service are those of its container', () => {
    const targets = shop(
      'services:\n  web:\n    image: busybox\n    x-os: { rootfs: [busybox] }\n    command: [a]\n    dns: 10.0.0.1\n    dns_search: [a.lan, b.lan]\n    dns_opt: [rotate]\nx-os: {}\n',
    );
    expect(targets['bundle-web']!.options).toMatchObject({ service: { dns: ['10.0.0.1'], dns_search: ['a.lan', 'b.lan'], dns_opt: ['rotate'] } });
  });

  it('has configurations of Nx: what they change, at each target', () => {
    const targets = shop(`${WEB}x-os: { configurations: { night: { cmdline: quiet, test: { memory: 512 }, services: [] } } }\n`);
    expect(targets['iso']!.configurations).toMatchObject({ night: { cmdline: 'quiet' }, pc: { cmdline: expect.stringContaining('console=ttyS0') } });
    expect(targets['qemu-test--direct']!.configurations).toEqual({ night: { memory: 512 } });
    expect(targets['qemu-test']!.configurations).toEqual({ night: {} });
    expect((targets['rootfs']!.configurations!['night'] as { layers: string[] }).layers.at(-1)).toBe('system');
    expect((targets['rootfs']!.configurations!['seed'] as { layers: string[] }).layers).toContain('runc');
    expect(targets['rootfs']!.dependsOn).toContainEqual({ target: 'runc', projects: ['base-vm'] });
  });

  it('is booted by a target for each way, which reads what that way needs; one stands for all of them', () => {
    const { targets = {}, metadata } = infer(`${WEB}x-os: { test: { boots: [direct, usb-uefi] } }\n`)['os-images/shop']!;
    const parts = ['qemu-test--direct', 'qemu-test--usb-uefi'];
    expect(Object.keys(targets).filter((name) => name.startsWith('qemu-test'))).toEqual([...parts, 'qemu-test']);
    expect(targets['qemu-test']).toMatchObject({ executor: 'nx:noop', dependsOn: parts.map((target) => ({ target, params: 'forward', options: 'forward' })) });
    expect(metadata).toEqual({ targetGroups: { 'Boot tests': ['qemu-test', ...parts] } });
    const ofBase = (target: string): object => ({ target, projects: ['base-vm'] });
    expect(targets['qemu-test--direct']!.dependsOn).toEqual([ofBase('kernel'), ofBase('initramfs'), 'rootfs']);
    expect(targets['qemu-test--usb-uefi']!.dependsOn).toEqual([ofBase('kernel'), 'iso']);
    expect(targets['qemu-test--usb-uefi']!.options).toEqual({ boot: 'usb-uefi', clock: 'machine' });
  });

  it('takes the layers of further plugins', () => {
    const targets = shop(
      `${WEB}x-os: { artifacts: { agent: { executor: '@container-os/tini:tini' }, note: { executor: '@container-os/tini:tini', layer: false } } }\n`,
    );
    expect(targets['agent']!.dependsOn).toEqual([{ target: 'sources', projects: ['base-vm'] }]);
    expect(targets['rootfs']!.options.layers).toContain('agent');
    expect(targets['rootfs']!.options.layers).not.toContain('note');
    expect(targets['rootfs']!.dependsOn).toContain('agent');
  });

  it('reads the options of tests from files of the image', () => {
    const targets = shop(`${WEB}x-os: { test: t.yaml, budget: b.yaml, disk: 32 }\n`, {
      'os-images/shop/t.yaml': 'properties: 3\nstorage: { container: web, file: volumes/a }\n',
      'os-images/shop/b.yaml': 'limits: { iso: 20 }\n',
    });
    expect(targets['qemu-test--direct']!.options).toEqual({ boot: 'direct', properties: 3, disk: 32 });
    expect(targets['qemu-storage']!.options).toEqual({ container: 'web', file: 'volumes/a' });
    expect(targets['budget']!.options).toEqual({ containers: ['shop-web-1'], limits: { iso: 20 } });
  });

  it('follows the long ways to say a limit, a mount and a check', () => {
    const service = shop(`services:
  a:
    image: i
    x-os: { rootfs: [busybox] }
    entrypoint: [/bin/sh, -c]
    command: [echo $$HOME]
    healthcheck: { disable: true }
    deploy: { resources: { limits: { memory: 64m, cpus: '0.5', pids: 9 } } }
    volumes:
      - { type: tmpfs, target: /cache, tmpfs: { size: 1m, mode: 0700 } }
      - { type: volume, source: data, target: /data, read_only: true }
    stop_grace_period: 1m30s
    restart: unless-stopped
    ulimits: { nofile: 9 }
volumes: { data: }
x-os: {}
`)['bundle-a']!.options.service as object;
    expect(service).toEqual({
      command: ['/bin/sh', '-c', 'echo $HOME'],
      networks: { default: { aliases: ['a'] } },
      mem_limit: '67108864',
      cpus: 0.5,
      pids_limit: 9,
      volumes: [
        { type: 'tmpfs', target: '/cache', tmpfs: { size: 1048576, mode: 0o700 } },
        { type: 'volume', source: 'shop_data', target: '/data', read_only: true },
      ],
      stop_grace_period: '1m30s',
      restart: 'unless-stopped',
      ulimits: { nofile: { soft: 9, hard: 9 } },
    });
  });

  it('gives each service its profile: its own, else that of the configuration, else that of the image', () => {
    const targets = shop(`services:
  a: { image: i, x-os: { rootfs: [busybox] }, command: [a], shm_size: 1g }
  b: { image: i, x-os: { rootfs: [busybox], profile: docker }, command: [b] }
  c: { image: i, x-os: { rootfs: [busybox], profile: hardened }, command: [c] }
x-os: { profile: hardened, configurations: { lax: { profile: docker } } }
`);
    const service = (name: string): unknown => targets[`bundle-${name}`]!.options.service;
    expect(service('a')).toEqual({ command: ['a'], networks: { default: { aliases: ['a'] } }, shm_size: '1073741824', 'x-profile': 'hardened' });
    expect(service('b')).toEqual({ command: ['b'], networks: { default: { aliases: ['b'] } } });
    expect(service('c')).toEqual({ command: ['c'], networks: { default: { aliases: ['c'] } }, 'x-profile': 'hardened' });
    expect(targets['bundle-a']!.configurations).toEqual({
      lax: { service: { command: ['a'], networks: { default: { aliases: ['a'] } }, shm_size: '1073741824' } },
    });
    expect(targets['bundle-b']!.configurations).toBeUndefined();
  });

  it('in a folder with a package.json has targets with a prefix, and artifacts without', () => {
    const targets = shop(`${WEB}x-os: {}\n`, { 'os-images/shop/package.json': '{ "scripts": { "iso": "echo" } }' });
    expect(Object.keys(targets)).toContain('os-iso');
    expect(targets['os-iso']!.dependsOn).toContain('os-rootfs');
    expect(targets['os-rootfs']!.outputs).toEqual(['{workspaceRoot}/dist/os-images/shop/rootfs']);
  });

  it('names variables, and has no value of one', () => {
    const files = { 'os-images/shop/.env': 'SECRET=hunter2\n', 'os-images/shop/web.env': 'TOKEN=hunter3\n' };
    const compose =
      'services: { web: { image: i, x-os: { rootfs: [busybox] }, command: [a], env_file: web.env, environment: { PASSWORD: "${SECRET}", OPEN: hunter4 } } }\nx-os: {}\n';
    const inferred = infer(compose, files);
    expect(JSON.stringify(inferred)).not.toMatch(/hunter/);
    expect(inferred['os-images/shop']!.targets!['bundle-web']!.options.environment).toEqual({
      file: 'compose.yaml',
      service: 'web',
      variables: ['TOKEN', 'PASSWORD', 'OPEN'],
    });
  });

  it.each<[string, string]>([
    ['a command', 'services: { web: { image: i, x-os: { rootfs: [busybox] }, command: [a, "-p${DB_PASSWORD}"] } }\nx-os: {}\n'],
    ['a command that is a text', 'services: { web: { image: i, x-os: { rootfs: [busybox] }, command: "a -p ${DB_PASSWORD:-none}" } }\nx-os: {}\n'],
    ['a health check', 'services: { web: { image: i, x-os: { rootfs: [busybox] }, healthcheck: { test: "a ${DB_PASSWORD}" } } }\nx-os: {}\n'],
    ['x-os', `${WEB}x-os: { cmdline: "quiet \${DB_PASSWORD}" }\n`],
    ['a file that is included', `include: [db.yaml]\n${WEB}x-os: {}\n`],
  ])('refuses a variable that is called a secret in %s, and does not show its value', (_, compose) => {
    const files = { 'os-images/shop/.env': 'DB_PASSWORD=hunter2\n', 'os-images/shop/db.yaml': 'services: { db: { image: "${DB_PASSWORD}" } }\n' };
    const fault = (): unknown => infer(compose, files);
    expect(fault).toThrow(/SECRET_IN_OPTION: os-images\/shop\/(compose|db)\.yaml:\d+:\d+: (services|x-os)\..*\$\{DB_PASSWORD\} would be shown/);
    expect(fault).not.toThrow(/hunter2/);
  });

  it('takes a variable that is called a secret where Docker alone reads it, and others anywhere', () => {
    const compose =
      'services: { web: { build: { context: ., args: { T: "${NPM_TOKEN}" } }, x-os: { rootfs: [busybox] }, command: [a, "${LEVEL}"], ports: ["${PORT}:80"] } }\nx-os: {}\n';
    const { options } = shop(compose, { 'os-images/shop/.env': 'NPM_TOKEN=hunter2\nLEVEL=5\nPORT=8080\n' })['bundle-web']!;
    expect(options.service).toMatchObject({ command: ['a', '5'], ports: ['8080:80'] });
    expect(JSON.stringify(options)).not.toContain('hunter2');
  });
});

it('reads of the process environment what x-os.environment names, and no more', () => {
  vi.stubEnv('SHOP_PORT', '81').stubEnv('SHOP_OTHER', '82');
  const text = (ports: string): string => WEB.replace("'8080:80'", ports);
  const named = shop(`${text("'${SHOP_PORT:-1}:80', '${SHOP_OTHER:-2}:90'")}x-os: { environment: [SHOP_PORT, SHOP_NONE] }\n`);
  expect((named['bundle-web']!.options.service as { ports: string[] }).ports).toEqual(['81:80', '2:90']);
  vi.unstubAllEnvs();
});

it('warns of what a file leaves open, each once and with its place, and shows no value of a variable', () => {
  const files = { 'os-images/shop/.env': 'OPTIONS=hunter2\n' };
  const text = (service: string): string => `services:\n  a: { image: i, x-os: { rootfs: [busybox] }, command: ["$NOBODY"], ${service} }\n`;
  const { warnings } = inferred(`${text('init: yes, volumes: ["dd:/d:ro,fast", "ee:/e:$OPTIONS"]')}volumes: { dd: , ee: }\nx-os: {}\n`, files);
  expect(warnings).toEqual([
    'os-images/shop/compose.yaml:2:57: NOBODY: the variable is not set, its place stays empty',
    'os-images/shop/compose.yaml:2:75: services.a.init: "yes" is taken for true, as in YAML 1.1; write true',
    'os-images/shop/compose.yaml:2:90: volume "dd:/d:ro,fast": option fast is unknown and has no effect',
    expect.stringMatching(/^os-images\/shop\/compose.yaml:2:107: .*OPTIONS .* may be secret$/),
  ]);
});

it('warns of what weakens the promises of the OS, with its place', () => {
  const { warnings } = inferred(
    'services:\n  a: { image: i, x-os: { rootfs: [busybox] }, command: [a], userns_mode: host, volumes: ["/proc:/p"] }\nx-os: {}\n',
  );
  expect(warnings).toEqual([
    'os-images/shop/compose.yaml:2:61: services.a.userns_mode is an opt-out: Root of the container is root of the OS.',
    'os-images/shop/compose.yaml:2:90: services.a.volumes[0] is an opt-out: The container sees files of the OS.',
  ]);
});

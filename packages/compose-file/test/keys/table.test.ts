import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import type { Key, Path } from '../../src/keys/key.ts';
import { limitations } from '../../src/keys/limitations.ts';
import { table } from '../../src/keys/project.ts';
import { jsonSchema } from '../../src/keys/schema.ts';
import { loadText, service } from '../project.ts';

function* entries(key: Key, path: Path): Iterable<[string, Key]> {
  yield [path.join('.'), key];
  for (const form of key.forms) {
    if (form.kind === 'object') for (const [name, one] of Object.entries(form.keys)) yield* entries(one, [...path, name]);
    if (form.kind === 'dictionary' && form.values) yield* entries(form.values, [...path, '*']);
    if (form.kind === 'list') yield* entries(form.items, [...path, '[]']);
  }
}

const all = [...entries(table, [])];

it('says of each key what it means, in a sentence', () => {
  const named = all.filter(([path]) => path !== '' && !/(\*|\[\])$/.test(path));
  expect(named.length).toBeGreaterThan(330);
  expect(named.filter(([, { description }]) => !description?.endsWith('.')).map(([path]) => path)).toEqual([]);
});

it('says of each key of a service and of the file what the OS does with it, and why', () => {
  const top = all.filter(([path]) => /^(services\.\*\.)?[a-z_]+$/.test(path));
  expect(top.filter(([path, { status }]) => !status && !['services.*.deploy'].includes(path)).map(([path]) => path)).toEqual([]);
  for (const [path, { status }] of all) {
    for (const limit of status?.class === 'done' ? (status.except ?? []).map((one) => one.status) : [status]) {
      if (!limit) continue;
      expect(limit.reason, path).toMatch(/^[A-Z/`].*\.$/);
      if (limit.class === 'refused') expect(limit.instead, path).toMatch(/\.$/);
    }
  }
});

it('lists the keys in use that the OS does not do, with place, reason and way out', () => {
  const { tree } = loadText(service('gpus: all', 'labels: { a: b }', 'networks: { default: { x-a: x } }', 'ports: [{ target: 80, name: web }]'));
  const found = limitations(tree, new Set(['services.*.image']));
  expect(found.map(({ key, place, status }) => `${place.line}:${place.column} ${key} ${status.class}`)).toEqual([
    '4:5 services.*.gpus refused',
    '7:27 services.*.ports.*.name without effect',
  ]);
  expect(found[0]?.message).toBe('services.s.gpus cannot be done: The OS has no drivers for GPUs.');
});

it('lists the values that the OS does though they weaken what it promises, each item of a list', () => {
  const { tree } = loadText(
    service(
      'security_opt: [no-new-privileges, "seccomp:unconfined"]',
      'userns_mode: host',
      'volumes: [/proc:/p, /etc/localtime:/etc/localtime, ./a:/a, data:/b]',
    ) + 'volumes: { data: }\n',
  );
  expect(limitations(tree, new Set()).map(({ place, message }) => `${place.line}:${place.column} ${message}`)).toEqual([
    '4:39 services.s.security_opt[1] is an opt-out: The program may use every system call.',
    '5:5 services.s.userns_mode is an opt-out: Root of the container is root of the OS.',
    '6:15 services.s.volumes[0] is an opt-out: The container sees files of the OS.',
  ]);
});

it('judges the values of keys: what Linux or Docker has not is refused, what the OS need not have is without effect', () => {
  const { tree } = loadText(
    service(
      'cap_add: [net_admin, CAP_SYS_TIME, ALL, FLY]',
      'security_opt: ["seccomp=unconfined", "systempaths=unconfined", "apparmor:x", "label=disable", "no-new-privileges=true", "fast:y"]',
      'sysctls: [net.core.somaxconn=1, vm.swappiness=1]',
      'ulimits: { nofile: { soft: 9, hard: 8 }, memlock: -1, core: 0, speed: 1 }',
      'devices: [/dev/net/tun, vendor.com/gpu=all]',
      'platform: linux/arm64',
      'ipc: "service:t"',
      'pid: host',
      'runtime: runc',
      'userns_mode: keep-id',
      'privileged: false',
    ) + '  t: { image: i, platform: linux/amd64/v3, runtime: runsc, pid: "", sysctls: { net.a: 1, kernel.shmmax: 2, fs.file-max: 3 } }\n',
  );
  expect(limitations(tree, new Set(['services.*.image'])).map(({ path, place, status }) => `${place.line} ${path.slice(2).join('.')} ${status.class}`)).toEqual(
    [
      '4 cap_add.3 refused',
      '5 security_opt.0 opt-out',
      '5 security_opt.1 opt-out',
      '5 security_opt.2 without effect',
      '5 security_opt.3 without effect',
      '5 security_opt.5 refused',
      '6 sysctls.vm.swappiness refused',
      '7 ulimits.nofile refused',
      '7 ulimits.speed refused',
      '8 devices.0 opt-out',
      '8 devices.1 refused',
      '9 platform refused',
      '10 ipc refused',
      '11 pid opt-out',
      '12 runtime without effect',
      '13 userns_mode refused',
      '15 runtime refused',
      '15 sysctls.fs.file-max refused',
    ],
  );
});

it('names a key that only Docker reads once, however much stands below it', () => {
  const { tree } = loadText(service('build: { context: ., args: { A: 1 } }'));
  expect(limitations(tree, new Set()).map(({ key }) => key)).toEqual(['services.*.build']);
});

it('makes a schema that takes and refuses what the loader does', () => {
  const validate = new Ajv({ strict: false }).compile(jsonSchema());
  expect(validate({ services: { s: { image: 'i', ports: ['80:80', 90, { target: 1 }], 'x-os': {} } }, 'x-a': 1 })).toBe(true);
  for (const wrong of [{ tty: 1 }, { nothing: 1 }, { volumes: [{ source: 'a' }] }, { cpu_percent: 101 }, { cap_add: ['A', 'A'] }])
    expect(validate({ services: { s: { image: 'i', ...wrong } } }), JSON.stringify(wrong)).toBe(false);
});

it('has a definition of a service, which others add keys to', () => {
  const schema = jsonSchema();
  schema.definitions!.service!.properties!['x-os'] = { type: 'object' };
  const validate = new Ajv({ strict: false }).compile(schema);
  expect(validate({ services: { s: { 'x-os': {} } } })).toBe(true);
  expect(validate({ services: { s: { 'x-os': 1 } } })).toBe(false);
});

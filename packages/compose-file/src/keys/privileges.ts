import { capabilityOf, RLIMITS, sysctlNamespace } from '../values/linux.ts';
import type { Case } from './key.ts';
import { refused, withoutEffect } from './key.ts';
import { OPT_OUTS, type OptOuts } from './opt-outs.ts';

/** Values of keys about privileges and resources that the OS refuses, passes over, or does as an opt-out. */

function when<T>(value: string, matches: (value: T) => boolean, status: Case['status']): Case {
  return { value, matches: matches as Case['matches'], status };
}

const none = (status: Case['status']): Case => when('another value', () => true, status);

const capability = when<string>(
  'a capability that Linux has not',
  (one) => !capabilityOf(one),
  refused('Linux has no such capability.', 'Write a name of capabilities(7), such as NET_ADMIN, or ALL.'),
);
const SHARED = refused('The two containers have ids of their own, and none may look into the other.', 'Delete the key, or write `host`.');
const isShared = (mode: string): boolean => /^(service|container):/.test(mode);

/** Of a namespace: its own, that of the OS, or that of another container. */
function namespace(optOut: OptOuts[string], ...own: readonly string[]): readonly Case[] {
  return [
    ...optOut,
    when('service:…, container:…', isShared, SHARED),
    when<string>(
      'another value',
      (mode) => !['', 'host', 'private', ...own].includes(mode),
      refused('Docker has no such mode.', `Write ${['host', 'private', ...own].join(' or ')}.`),
    ),
  ];
}

export const CASES = {
  capabilities: [capability],
  cgroup: OPT_OUTS.cgroup,
  device_cgroup_rules: OPT_OUTS.device_cgroup_rules,
  devices: [
    when<{ source?: string }>(
      'a name of CDI',
      ({ source = '' }) => !source.startsWith('/'),
      refused('The OS has no descriptions of devices (CDI).', 'Write the path of the device, such as /dev/ttyUSB0.'),
    ),
    ...OPT_OUTS.devices,
  ],
  ipc: namespace(OPT_OUTS.ipc, 'shareable', 'none'),
  isolation: [
    when<string>('default', (one) => one === 'default' || one === '', withoutEffect('It is what every container has.')),
    none(refused('Only Windows has this.', 'Delete the key.')),
  ],
  pid: namespace(OPT_OUTS.pid),
  platform: [
    when<string>(
      'another processor or system',
      (one) => one !== '' && !/^((linux\/)?(amd64|x86_64|x86-64)(\/v[1-4])?|linux)$/i.test(one),
      refused('The OS is a Linux for x86-64.', 'Delete the key if the image has a variant for linux/amd64.'),
    ),
  ],
  runtime: [
    when<string>('another value', (one) => !/^(crun|runc|io\.containerd\.runc\.v2|)$/.test(one), refused('The OS has crun or runc alone.', 'Delete the key.')),
    none(withoutEffect('The image chooses the runtime of all containers.')),
  ],
  security_opt: [
    ...OPT_OUTS.security_opt,
    when<string>('apparmor:…', (one) => /^apparmor[:=]/.test(one), withoutEffect('The OS has no AppArmor.')),
    when<string>('label:…', (one) => /^label[:=]/.test(one), withoutEffect('The OS has no SELinux.')),
    when<string>(
      'another value',
      (one) => !/^(no-new-privileges([:=](true|false))?|seccomp[:=].+)$/.test(one),
      refused('Docker has no such option.', 'Write no-new-privileges, seccomp:FILE, seccomp:unconfined or systempaths:unconfined.'),
    ),
  ],
  sysctls: [
    when<{ name: string }>(
      'a parameter of the whole OS',
      ({ name }) => !sysctlNamespace(name.replaceAll('/', '.')),
      refused('Containers share the parameter, and Docker refuses it too.', 'Set it for the OS: `x-os: { cmdline: … }`, sysctl.NAME=VALUE.'),
    ),
  ],
  ulimits: [
    when<{ name: string }>(
      'a limit that Linux has not',
      ({ name }) => !RLIMITS.has(name.toUpperCase()),
      refused('Linux has no such limit.', 'Write a name of getrlimit(2), such as nofile.'),
    ),
    when<{ value: { soft?: number; hard?: number } }>(
      'soft above hard',
      ({ value: { soft = 0, hard = 0 } }) => hard >= 0 && (soft > hard || soft < 0),
      refused('The soft limit is above the hard one.', 'Raise `hard`, or lower `soft`.'),
    ),
  ],
  userns_mode: [
    ...OPT_OUTS.userns_mode,
    when<string>('another value', (mode) => mode !== '', refused('A container has ids of its own, or those of the OS.', 'Write host, or delete the key.')),
  ],
  uts: [...OPT_OUTS.uts, when<string>('another value', (mode) => mode !== '', refused('Docker has no such mode.', 'Write host, or delete the key.'))],
} satisfies Record<string, readonly Case[]>;

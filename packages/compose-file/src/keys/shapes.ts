import { checkDevices, fillDevices } from './checks.ts';
import { dictionaryOf, listOf, struct, texts } from './collections.ts';
import { typeFault } from './faults.ts';
import type { Node } from '../yaml/node.ts';
import { byName } from './identity.ts';
import { key, ruled, type Form, type Key, type ModelOf, type Path, type Rules, type Type } from './key.ts';
import { longMountedFile } from './long-forms.ts';
import { labels, variables } from './pairs.ts';
import { program } from './program.ts';
import { BOOLEAN, deviceCount, fileMode, flag, INTEGER, text, TEXT } from './scalars.ts';
import { isNull } from './tree.ts';

/** Shapes that more than one key has. */

const mountedFile = struct({
  source: key(text(), 'Name of the secret or config.'),
  target: key(text(), 'Path in the container.'),
  uid: key(text(), 'Owner.'),
  gid: key(text(), 'Group.'),
  mode: key(fileMode(), 'Permissions, octal.'),
});
/** A name, or what is mounted where. */
export const mountedFiles = { ...mountedFile, forms: [TEXT, ...mountedFile.forms], long: longMountedFile };

/** One limit for both, or a soft and a hard one. */
export interface Ulimit {
  readonly single?: number;
  readonly soft?: number;
  readonly hard?: number;
}

const limit: Type<Ulimit> = {
  decode(node, at) {
    if (isNull(node)) return undefined;
    if (node.kind !== 'map') return { single: limitNumber(node, at) };
    const [soft, hard] = ['soft', 'hard'].map((name) => {
      const value = node.entries.get(name)?.value;
      return value ? limitNumber(value, [...at, name]) : 0;
    });
    return { soft: soft ?? 0, hard: hard ?? 0 };
  },
  print(value) {
    if (value?.single) return value.single;
    return { ...(value?.soft ? { soft: value.soft } : {}), ...(value?.hard ? { hard: value.hard } : {}) };
  },
};

function limitNumber(node: Node, at: Path): number {
  if (node.kind === 'scalar' && typeof node.value === 'bigint') return Number(node.value);
  throw typeFault(node, at, 'an integer');
}

/** Limits by name. Those of a service are cast after interpolation, and a later file replaces them whole; those of a build are not. */
export function ulimits({ ofService }: { ofService: boolean }): Key<ReadonlyMap<string, Ulimit>> {
  const bound: Key = { forms: [INTEGER, TEXT], type: text().type, ...(ofService ? { cast: 'integer' } : {}) };
  const both: Form = {
    kind: 'object',
    keys: { soft: key(bound, 'What a program gets.'), hard: key(bound, 'Up to where a program may raise the limit.') },
    required: ['soft', 'hard'],
    extensible: true,
  };
  const rules: Rules = ofService ? { cast: 'integer', merge: 'replace' } : {};
  return dictionaryOf<Ulimit>({ forms: [...bound.forms, both], type: limit, ...rules }, { names: '^[a-z]+$', open: true });
}

/** A command that runs in the container beside its program. */
export const hook = struct(
  {
    command: key(program(), 'The command.'),
    user: key(text(), 'User of the command.'),
    privileged: key(flag(), 'The command has all privileges.'),
    working_dir: key(text(), 'Working directory of the command.'),
    environment: key(variables(), 'Environment variables of the command.'),
  },
  { required: ['command'] },
);

/** Devices that a driver chooses. */
const deviceKeys = {
  capabilities: key(texts({ unique: true }), 'What the devices can do, such as gpu.'),
  driver: key(text(), 'Driver of the devices.'),
  count: key(deviceCount(), 'How many, or all.'),
  device_ids: key(texts({ unique: true }), 'Which ones.'),
  options: key(labels(), 'Options of the driver.'),
};
export const deviceRequests = listOf(ruled(struct(deviceKeys, { required: ['capabilities'] }), { fill: fillDevices, check: checkDevices }));
/** The schema of `gpus` does not close the mapping. */
export const gpuRequests = listOf(ruled(struct(deviceKeys, { open: true, extensible: false }), { fill: fillDevices, check: checkDevices }));
export type DeviceRequest = ModelOf<typeof deviceKeys>;

/** A list of texts, in which `name=value` stands once. */
export function names(unique: boolean): Key<readonly string[]> {
  return { ...texts({ unique }), identity: byName };
}

/** `external`: true, or in the old form a mapping with the name. */
export function external({ open }: { open: boolean }): Key<boolean> {
  const keys = { name: key(text(), 'Name of the resource; write "name" beside "external" instead.') };
  const old: Form = open ? { kind: 'object', keys, open: true } : { kind: 'object', keys, extensible: true };
  return { ...flag(), forms: [BOOLEAN, TEXT, old], cast: 'boolean' };
}

import { conflictFault, undefinedFault, valueFault } from '../keys/faults.ts';
import type { Service } from '../keys/project.ts';
import type { Place } from '../yaml/node.ts';
import type { Model } from './model.ts';

type At = readonly (string | number)[];

/** What a rule needs to know: the project, the service, where things stand. */
interface Subject {
  readonly model: Model;
  readonly name: string;
  readonly service: Service;
  readonly at: At;
  readonly place: (...path: At) => Place;
}

/** Refuses a project whose parts do not fit together. Rules look at services that are on, as the reference does. */
export function checkConsistency(model: Model, placeOf: (path: At) => Place): void {
  for (const [name, service] of model.services) {
    const at = ['services', name];
    const subject: Subject = { model, name, service, at, place: (...path) => placeOf([...at, ...path]) };
    for (const rule of RULES) rule(subject);
  }
  for (const [name, { file, environment, external }] of model.secrets ?? [])
    if (!external && !file && !environment)
      throw valueFault(placeOf(['secrets', name]), ['secrets', name], '"file" or "environment" is missing', 'Add "file", the path of the secret.');
  checkCircles(model, placeOf);
  checkContainerNames(model, placeOf);
}

const RULES: readonly ((subject: Subject) => void)[] = [
  hasImage,
  buildFits,
  networksExist,
  healthTestIsKnown,
  dependenciesExist,
  volumesExist,
  resourcesExist,
  limitsAgree,
  scaleFits,
  watchHasTargets,
  mountsDiffer,
];

function hasImage({ service, at, place }: Subject): void {
  if (!service.build && !service.image && !service.provider)
    throw valueFault(place(), at, 'neither "image" nor "build" says what the service runs', 'Add "image" or "build".');
}

function buildFits({ model, service: { build, platform }, at, place }: Subject): void {
  if (!build) return;
  if (build.dockerfile_inline && build.dockerfile)
    throw conflictFault(place('build', 'dockerfile'), [...at, 'build'], '"dockerfile" and "dockerfile_inline" exclude each other', 'Keep one of them.');
  for (const [name, context] of build.additional_contexts ?? []) {
    const target = /^service:(.*)$/s.exec(context)?.[1];
    if (target === undefined) continue;
    const path = ['build', 'additional_contexts', name];
    const other = model.services.get(target);
    if (!other) throw undefinedFault(place(...path), [...at, ...path], `there is no service "${target}"`, 'Correct the name of the service.');
    if (!other.build) throw undefinedFault(place(...path), [...at, ...path], `the service "${target}" is not built`, 'Name a service that has "build".');
  }
  if (build.platforms?.length && platform && !build.platforms.includes(platform))
    throw conflictFault(place('build', 'platforms'), [...at, 'build', 'platforms'], `"${platform}" of "platform" is missing`, `Add ${platform}.`);
}

function networksExist({ model, service, at, place }: Subject): void {
  const names = [...(service.networks?.keys() ?? [])];
  if (service.network_mode && names.length > 0)
    throw conflictFault(place('networks'), at, '"network_mode" and "networks" exclude each other', 'Keep one of them.');
  for (const name of names) if (!model.networks?.has(name)) throw missing('network', name, place('networks', name), [...at, 'networks'], model.networks);
}

function missing(what: string, name: string, place: Place, at: At, known: ReadonlyMap<string, unknown> | undefined): Error {
  const others = [...(known?.keys() ?? [])];
  const there = others.length > 0 ? `, or correct the name: there is ${others.join(', ')}` : '';
  return undefinedFault(place, at, `the ${what} "${name}" is not defined`, `Add "${name}" to the top-level ${what}s${there}.`);
}

function healthTestIsKnown({ service, at, place }: Subject): void {
  const first = service.healthcheck?.test?.[0];
  if (first !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(first))
    throw valueFault(
      place('healthcheck', 'test'),
      [...at, 'healthcheck', 'test'],
      `expected CMD, CMD-SHELL or NONE first, got ${JSON.stringify(first)}`,
      'Write [CMD, program, …], or a text for the shell.',
    );
}

function dependenciesExist({ model, service, at, place }: Subject): void {
  for (const [name, { required }] of service.depends_on ?? []) {
    if (model.services.has(name)) continue;
    const disabled = model.disabled.get(name);
    if (disabled && !required) continue;
    const path = [...at, 'depends_on', name];
    if (disabled)
      throw undefinedFault(
        place('depends_on', name),
        path,
        `the service is off; it has the profiles ${disabled.profiles?.join(', ')}`,
        'Turn a profile on (COMPOSE_PROFILES=… in .env), or write "required: false".',
      );
    throw undefinedFault(place('depends_on', name), path, 'there is no such service', 'Correct the name, or add the service.');
  }
  const shared = /^service:(.*)$/s.exec(service.network_mode ?? '')?.[1];
  if (shared !== undefined && !model.services.has(shared))
    throw undefinedFault(place('network_mode'), [...at, 'network_mode'], `there is no service "${shared}"`, 'Correct the name of the service.');
}

function volumesExist({ model, service, at, place }: Subject): void {
  for (const [index, { type, source }] of (service.volumes ?? []).entries())
    if (type === 'volume' && source && !model.volumes?.has(source))
      throw missing('volume', source, place('volumes', index), [...at, 'volumes', index], model.volumes);
}

function resourcesExist({ model, service, at, place }: Subject): void {
  for (const [index, { source = '' }] of (service.build?.secrets ?? []).entries())
    if (!model.secrets?.has(source)) throw missing('secret', source, place('build', 'secrets', index), [...at, 'build', 'secrets', index], model.secrets);
  for (const [index, { source = '' }] of (service.configs ?? []).entries())
    if (!model.configs?.has(source)) throw missing('config', source, place('configs', index), [...at, 'configs', index], model.configs);
  for (const name of service.models?.keys() ?? [])
    if (!model.models?.has(name)) throw missing('model', name, place('models', name), [...at, 'models'], model.models);
  for (const [index, { source = '' }] of (service.secrets ?? []).entries())
    if (!model.secrets?.has(source)) throw missing('secret', source, place('secrets', index), [...at, 'secrets', index], model.secrets);
}

/** A limit that is written twice has to be the same. With `deploy.resources.limits`, a limit that is missing there is 0 for the reference. */
function limitsAgree({ service, at, place }: Subject): void {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const agree = (name: string, own: number | bigint | undefined, other: string, there: object | undefined, value: number | bigint | undefined): void => {
    if (own && there && own !== (value ?? (typeof own === 'bigint' ? 0n : 0)))
      throw conflictFault(place(name), [...at, name], `differs from deploy.resources.${other}`, 'Write the limit once.');
  };
  agree('cpus', service.cpus, 'limits.cpus', limits, limits?.cpus);
  agree('mem_limit', service.mem_limit, 'limits.memory', limits, limits?.memory);
  agree('mem_reservation', service.mem_reservation, 'reservations.memory', reservations, reservations?.memory);
  agree('pids_limit', service.pids_limit, 'limits.pids', limits, limits?.pids);
}

function scaleFits({ service, at, place }: Subject): void {
  const { scale, container_name } = service;
  const replicas = service.deploy?.replicas;
  if (scale !== undefined && replicas !== undefined && scale !== replicas)
    throw conflictFault(place('scale'), [...at, 'scale'], `${scale} differs from deploy.replicas, ${replicas}`, 'Write the number once.');
  if ((scale ?? 0) < 0) throw valueFault(place('scale'), [...at, 'scale'], `expected a number from 0 on, got ${scale}`, 'Write 0 or more.');
  if ((replicas ?? 0) < 0)
    throw valueFault(place('deploy', 'replicas'), [...at, 'deploy', 'replicas'], `expected a number from 0 on, got ${replicas}`, 'Write 0 or more.');
  if ((scale ?? replicas ?? 1) > 1 && container_name)
    throw conflictFault(place('container_name'), [...at, 'container_name'], `${scale ?? replicas} containers cannot have one name`, 'Delete "container_name".');
}

function watchHasTargets({ service, at, place }: Subject): void {
  for (const [index, { target, action }] of (service.develop?.watch ?? []).entries())
    if (!target && action !== 'rebuild' && action !== 'restart')
      throw valueFault(
        place('develop', 'watch', index),
        [...at, 'develop', 'watch', index],
        `"target" is missing for ${action}`,
        'Add "target", a path in the container.',
      );
}

function mountsDiffer({ service, at, place }: Subject): void {
  const mounted = new Set<string>();
  const mount = (target: string, ...path: At): void => {
    if (mounted.has(target)) throw conflictFault(place(...path), [...at, ...path], `something is mounted at ${target} already`, 'Mount it at another path.');
    mounted.add(target);
  };
  for (const [index, entry] of (service.tmpfs ?? []).entries()) mount(entry.split(':')[0]!, 'tmpfs', index);
  for (const [index, { target = '' }] of (service.volumes ?? []).entries()) mount(target, 'volumes', index);
}

/** Refuses services that wait for each other. */
function checkCircles({ services }: Model, placeOf: (path: At) => Place): void {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      const at = ['services', trail.at(-1)!, 'depends_on', name];
      throw conflictFault(
        placeOf(at),
        at,
        `services wait for each other: ${[...trail.slice(start), name].join(' → ')}`,
        'Delete one dependency of the circle.',
      );
    }
    if (done.has(name)) return;
    for (const other of services.get(name)?.depends_on?.keys() ?? []) if (services.has(other)) visit(other, [...trail, name]);
    done.add(name);
  };
  for (const name of [...services.keys()].sort()) visit(name, []);
}

function checkContainerNames({ services }: Model, placeOf: (path: At) => Place): void {
  const users = new Map<string, string>();
  for (const [name, { container_name }] of services) {
    if (!container_name) continue;
    const other = users.get(container_name);
    const at = ['services', name, 'container_name'];
    if (other !== undefined) throw conflictFault(placeOf(at), at, `"${container_name}" is the name of the service "${other}" already`, 'Choose another name.');
    users.set(container_name, name);
  }
}

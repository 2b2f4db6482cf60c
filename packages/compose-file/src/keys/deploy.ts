import { alwaysStruct, listOf, struct, texts } from './collections.ts';
import { byName } from './identity.ts';
import { also, always, done, key, refused, ruled, withoutEffect } from './key.ts';
import { labels } from './pairs.ts';
import { duration, durationOrZero, float, INTEGER, integer, NULL, NUMBER, optionalInteger, optionalUnsigned, size, TEXT, text, unsigned } from './scalars.ts';
import { deviceRequests } from './shapes.ts';

const SWARM = withoutEffect('Only a swarm reads this key.');
const ONE_MACHINE = withoutEffect('There is one machine, which starts every container.');

const SWARM_PACE = withoutEffect('Only a swarm reads this key: the pause doubles from 100 ms to a minute, as in Docker.');

const update = {
  parallelism: key(optionalUnsigned(INTEGER, TEXT), 'How many containers at a time.', undefined, { cast: 'integer' }),
  delay: key(durationOrZero(), 'Time between two groups.'),
  failure_action: key(text(), 'What happens when an update fails.'),
  monitor: key(durationOrZero(), 'How long a failure is watched for.'),
  max_failure_ratio: key(float(), 'Share of failures that is tolerated.', undefined, { cast: 'float' }),
  order: key(text({ values: ['start-first', 'stop-first'] }), 'Start the new container or stop the old one first.'),
};

const genericResource = struct({
  discrete_resource_spec: key(
    struct({
      kind: key(always(text(), ''), 'Kind of resource.'),
      value: key(always(integer(NUMBER, TEXT), 0), 'Amount.'),
    }),
    'A resource that is counted.',
  ),
});

/** Keys of `deploy`. */
export const deployKeys = {
  mode: key(text(), 'global or replicated.', SWARM),
  endpoint_mode: key(text(), 'How clients find the service.', SWARM),
  replicas: key(optionalInteger(INTEGER, TEXT), 'How many containers the service has.', done, { cast: 'integer' }),
  labels: key(labels(), 'Labels of the service.', SWARM, { merge: 'lists', identity: byName }),
  rollback_config: key(struct(update), 'How a failed update is undone.', SWARM),
  update_config: key(struct(update), 'How the service is updated.', SWARM),
  resources: key(
    alwaysStruct({
      limits: key(
        struct({
          cpus: key(float(), 'CPU limit, as `cpus`.'),
          memory: key(size(TEXT), 'Memory limit, as `mem_limit`.'),
          pids: key(integer(INTEGER, TEXT), 'Limit of processes and threads, as `pids_limit`.'),
        }),
        'Limits of a container.',
        done,
      ),
      reservations: key(
        struct({
          cpus: key(float(), 'CPUs to keep free.', ONE_MACHINE),
          memory: key(size(TEXT), 'Memory that the container keeps when memory is short, as `mem_reservation`.', done),
          generic_resources: key(listOf(genericResource), 'Other resources to keep free.', ONE_MACHINE),
          devices: key(
            deviceRequests,
            'Devices to keep free.',
            refused('The OS has no drivers for GPUs and the like.', 'Delete `devices`; for a device with a path, write `devices` of the service.'),
          ),
        }),
        'What a machine must have free.',
        done,
      ),
    }),
    'Limits and reservations of a container.',
  ),
  restart_policy: key(
    struct({
      condition: key(text(), 'none, on-failure or any.'),
      delay: key(duration(), 'Time between two starts.', SWARM_PACE),
      max_attempts: key(optionalUnsigned(INTEGER, TEXT), 'How many starts in a row.', undefined, { cast: 'integer' }),
      window: key(duration(), 'Time after which a start has succeeded.', SWARM_PACE),
    }),
    'When a container starts again; goes before `restart`.',
    done,
  ),
  placement: key(
    alwaysStruct({
      constraints: key(texts(), 'What a machine must have.'),
      preferences: key(listOf(struct({ spread: key(text(), 'Label to spread over.') })), 'Which machines are taken first.'),
      max_replicas_per_node: key(unsigned(64, INTEGER, TEXT), 'How many containers one machine takes.', undefined, { cast: 'integer' }),
    }),
    'Machines that run the service.',
    withoutEffect('There is one machine.'),
  ),
};

export const deploy = ruled(also(struct(deployKeys), NULL), {});

import { build } from './build.ts';
import { fillSecret } from './checks.ts';
import { dictionaryOf, dictionaryOrNull, listOf, options, printed, struct, textDictionary, textOrTexts, texts, unread } from './collections.ts';
import { deploy } from './deploy.ts';
import { byMountedPath, byName, byPath, byText } from './identity.ts';
import { also, done, doneExcept, key, refused, ruled, withoutEffect } from './key.ts';
import { longDependencies, longEnvFiles, longExtends, longGpus, longList, longNames } from './long-forms.ts';
import { ENGINE_SOCKET, blkio, devices, mounts, ports } from './mounts.ts';
import { hosts, labels, variables } from './pairs.ts';
import { OPT_OUTS } from './opt-outs.ts';
import { CASES } from './privileges.ts';
import { resolvePath } from './paths.ts';
import { healthTest, program } from './program.ts';
import {
  BOOLEAN,
  duration,
  flag,
  float,
  INTEGER,
  integer,
  NULL,
  NUMBER,
  optionalFlag,
  optionalInteger,
  optionalUnsigned,
  size,
  text,
  TEXT,
} from './scalars.ts';
import { dependencies, envFiles, joinedModel, joinedNetwork, NAMES, providerOption, watched } from './service-shapes.ts';
import { gpuRequests, hook, mountedFiles, names, ulimits } from './shapes.ts';

const WINDOWS = refused('Only Windows has this.', 'Delete the key.');
const NO_GPUS = refused('The OS has no drivers for GPUs.', 'Delete the key.');
const BUILD = refused(
  'The OS builds an OCI image only where `x-os` of the service says how.',
  'Add `x-os: { build: buildah }`, `x-os: { image: … }` or `x-os: { rootfs: […] }` to the service; the key stays for Docker.',
);
const FROM_0 = { kind: 'integer', minimum: 0 } as const;

/** Keys of a service. */
export const serviceKeys = {
  annotations: key(labels(), 'Annotations of the container: `cosctl inspect` shows them.', done, { merge: 'lists', identity: byName }),
  attach: key(optionalFlag(), 'Show the output of the container when the project starts.', withoutEffect('The OS keeps the output of every container.')),
  build: key(build, 'How the image is built.', BUILD),
  blkio_config: key(blkio, 'Limits of input and output.', refused('The kernel of the OS does not limit input and output.', 'Delete the key.')),
  cap_add: key(names(true), 'Capabilities beside the default ones, or ALL.', doneExcept(...CASES.capabilities)),
  cap_drop: key(names(true), 'Default capabilities that the container does not have, or ALL.', doneExcept(...CASES.capabilities)),
  cgroup: key(text({ values: ['host', 'private'] }), 'Control group namespace.', doneExcept(...CASES.cgroup)),
  cgroup_parent: key(
    text(),
    'Control group around that of the container.',
    withoutEffect('All containers are in one group, which leaves the OS what it needs.'),
  ),
  command: key(program(), 'The program and its arguments; with `entrypoint`, its arguments.', done, { merge: 'replace' }),
  configs: key(ruled(listOf(mountedFiles), { identity: byMountedPath('') }), 'Configs that are mounted.', done),
  container_name: key(text({ pattern: '[a-zA-Z0-9][a-zA-Z0-9_.-]+' }), 'Name of the container.', done),
  cpu_count: key(integer(TEXT, FROM_0), 'How many CPUs.', WINDOWS, { cast: 'integer' }),
  cpu_percent: key(float(TEXT, { kind: 'integer', minimum: 0, maximum: 100 }), 'Share of the CPUs.', WINDOWS, { cast: 'float' }),
  cpu_period: key(integer(), 'Period of the CPU limit, in microseconds.', done, { cast: 'integer' }),
  cpu_quota: key(integer(), 'Time in a period, in microseconds.', done, { cast: 'integer' }),
  cpu_rt_period: key(integer(), 'Period of the real-time limit.', refused('The kernel has no groups of real-time tasks.', 'Delete the key.'), {
    cast: 'integer',
  }),
  cpu_rt_runtime: key(integer(), 'Real time in a period.', refused('The kernel has no groups of real-time tasks.', 'Delete the key.'), { cast: 'integer' }),
  cpu_shares: key(integer(), 'Share among containers that compete.', done, { cast: 'integer' }),
  cpus: key(float(), 'CPU limit.', done, { cast: 'float32' }),
  cpuset: key(text(), 'CPUs that the container may use.', done),
  credential_spec: key(
    struct({
      config: key(text(), 'Config that has it.'),
      file: key(text(), 'File that has it.'),
      registry: key(text(), 'Registry value that has it.'),
    }),
    'Credentials of a managed account.',
    WINDOWS,
  ),
  depends_on: key(dependencies, 'Services that start first.', done, { merge: 'dependencies', long: longDependencies }),
  deploy: key(deploy, 'How an orchestrator runs the service.'),
  develop: key(
    also(struct({ watch: key(listOf(watched), 'What happens when files change.') }), NULL),
    'What `docker compose watch` does.',
    withoutEffect("Only a developer's machine watches files."),
  ),
  device_cgroup_rules: key(texts({ unique: true }), 'Devices that the container may use.', doneExcept(...CASES.device_cgroup_rules)),
  devices: key(devices, 'Devices of the OS in the container.', doneExcept(...CASES.devices)),
  dns: key(textOrTexts({ unique: true }), 'DNS servers.', done, { merge: 'lists', identity: byName, long: longList }),
  dns_opt: key(names(true), 'Options of the resolver.', done, { merge: 'lists' }),
  dns_search: key(textOrTexts({ unique: true }), 'Domains that are searched.', done, { merge: 'lists', identity: byName }),
  domainname: key(text(), 'Domain name of the container.', done),
  entrypoint: key(program(), 'The program; `command` has its arguments.', done, { merge: 'replace' }),
  env_file: key(envFiles, 'Files with environment variables.', done, { merge: 'lists', identity: byPath, long: longEnvFiles }),
  environment: key(variables(), 'Environment variables.', done, { merge: 'lists', identity: byName }),
  expose: key(
    printed({ forms: [TEXT, NUMBER], type: text().type }, { unique: true }),
    'Ports that other containers use.',
    withoutEffect('Containers of a network reach each other on every port.'),
    { identity: byText },
  ),
  extends: key(
    {
      ...also(
        struct(
          {
            service: key(text(), 'Name of the service.'),
            file: key(text(), 'File that has the service; default: this file.', undefined, { resolve: resolvePath }),
          },
          { required: ['service'], extensible: false },
        ),
        TEXT,
      ),
    },
    'Service whose keys this one takes over.',
    done,
    { long: longExtends },
  ),
  external_links: key(texts({ unique: true }), 'Second names for containers of the file, by their own names.', done),
  extra_hosts: key(hosts(), 'Further host names and their addresses.', done, { merge: 'hosts' }),
  gpus: key({ ...gpuRequests, forms: [{ kind: 'text', values: ['all'] }, ...gpuRequests.forms] }, 'GPUs of the container.', NO_GPUS, { long: longGpus }),
  group_add: key(listOf({ forms: [TEXT, NUMBER], type: text().type }, { unique: true }), 'Further groups of the program.', done),
  healthcheck: key(
    struct({
      disable: key(flag(), 'true: no health check.', undefined, { cast: 'boolean' }),
      interval: key(duration(), 'Time between two checks.'),
      retries: key(optionalUnsigned(NUMBER, TEXT), 'The container is unhealthy after this many failures in a row.', undefined, { cast: 'integer' }),
      test: key(healthTest(), 'Program that checks; exit status 0: healthy.', undefined, { merge: 'replace' }),
      timeout: key(duration(), 'A check that takes longer fails.'),
      start_period: key(duration(), 'Failures this soon after the start do not count.'),
      start_interval: key(duration(), 'Time between two checks in the start period.'),
    }),
    'How the OS sees whether the container works.',
    done,
  ),
  hostname: key(text(), 'Host name of the container.', done),
  image: key(text(), 'Name of the image.', done),
  init: key(optionalFlag(), 'Run a small init as the first process.', done, { cast: 'boolean' }),
  ipc: key(text(), 'IPC namespace.', doneExcept(...CASES.ipc)),
  isolation: key(text(), 'Isolation technology.', doneExcept(...CASES.isolation)),
  label_file: key(also({ ...texts(), forms: [{ kind: 'list', items: ruled(text(), { resolve: resolvePath }) }] }, TEXT), 'Files with labels.', done, {
    merge: 'lists',
    long: longList,
  }),
  labels: key(labels(), 'Labels of the container: `cosctl inspect` shows them.', done, { merge: 'lists', identity: byName }),
  links: key(names(true), 'Services that start first and have a second name here.', done),
  logging: key(
    struct({
      driver: key(text(), 'Where the output goes.'),
      options: key(options({ forms: [TEXT, NUMBER, NULL], type: text().type }, { names: '^.+$', open: true }), 'Options of the driver.'),
    }),
    'Where the output of the container goes.',
    withoutEffect('The OS keeps the last output of every container, in files of its own size and number, and `cosctl logs` shows it.'),
    { merge: 'logging' },
  ),
  mac_address: key(text(), 'MAC address of the first network.', done),
  mem_limit: key(size(), 'Memory limit.', done),
  mem_reservation: key(size(TEXT, INTEGER), 'Memory that the container keeps when memory is short.', done),
  mem_swappiness: key(size(INTEGER, TEXT), 'How readily memory is swapped.', withoutEffect('The OS does not swap.')),
  memswap_limit: key(size(), 'Limit of memory and swap.', withoutEffect('The OS does not swap.')),
  models: key(
    { ...also(dictionaryOrNull(joinedModel, { names: NAMES, open: true }), ...texts({ unique: true }).forms) },
    'AI models that the service uses.',
    refused('The OS runs no models.', 'Write a service that runs the model.'),
    { merge: 'names', long: longNames },
  ),
  network_mode: key(
    text(),
    'bridge: a network beside those of the file; none: no network; host: the network of the OS; service:NAME, container:NAME: the interfaces of another one.',
    doneExcept(...OPT_OUTS.network_mode),
  ),
  networks: key(also(dictionaryOrNull(joinedNetwork, { names: NAMES }), ...texts({ unique: true }).forms), 'Networks that the container joins.', done, {
    merge: 'names',
    long: longNames,
  }),
  oom_kill_disable: key(flag(), 'Do not kill the program when memory is short.', withoutEffect('Control groups of version 2 have no such switch.'), {
    cast: 'boolean',
  }),
  oom_score_adj: key(integer(TEXT, { kind: 'integer', minimum: -1000, maximum: 1000 }), 'How readily the program is killed when memory is short.', done, {
    cast: 'integer',
  }),
  pid: key({ ...text(), forms: [TEXT, NULL] }, 'PID namespace.', doneExcept(...CASES.pid)),
  pids_limit: key(integer(), 'Limit of processes and threads.', done, { cast: 'integer' }),
  platform: key(text(), 'Operating system and processor.', doneExcept(...CASES.platform)),
  ports: key(ports, 'Ports of the OS that lead to the container.', done),
  post_start: key(listOf(hook), 'Commands after the start.', done),
  pre_stop: key(listOf(hook), 'Commands before the stop.', done),
  privileged: key(flag(), 'The container has all privileges.', doneExcept(...OPT_OUTS.privileged), { cast: 'boolean' }),
  profiles: key({ ...texts({ unique: true }), identity: byName }, 'Profiles that the service belongs to.', done),
  provider: key(
    struct(
      {
        type: key(text(), 'Program that provides the service.'),
        options: key(dictionaryOf(providerOption, { names: '^.+$', open: true }), 'Options of the program.'),
      },
      { required: ['type'] },
    ),
    'Program outside Compose that provides the service.',
    refused('Everything that the OS runs is in the image.', 'Write a service.'),
  ),
  pull_policy: key(
    text({ pattern: 'always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+' }),
    'When the image is fetched.',
    withoutEffect('The root is made when the image is built.'),
  ),
  pull_refresh_after: key(
    { forms: [TEXT], type: unread },
    'Age at which the image is fetched again.',
    withoutEffect('The root is made when the image is built.'),
  ),
  read_only: key(flag(), 'The root file system is read-only.', done, { cast: 'boolean' }),
  restart: key(text(), 'no, always, on-failure, on-failure:N or unless-stopped.', done),
  runtime: key(text(), 'Program that starts the container.', doneExcept(...CASES.runtime)),
  scale: key(optionalInteger(INTEGER, TEXT), 'How many containers the service has.', done, { cast: 'integer' }),
  secrets: key(
    { ...listOf(ruled(mountedFiles, { long: mountedFiles.long!, fill: fillSecret })), identity: byMountedPath('/run/secrets') },
    'Secrets that are mounted.',
    done,
  ),
  security_opt: key(texts({ unique: true }), 'no-new-privileges, seccomp:FILE, seccomp:unconfined, systempaths:unconfined.', doneExcept(...CASES.security_opt)),
  shm_size: key(size(), 'Size of /dev/shm.', done),
  stdin_open: key(flag(), 'Keep standard input open.', done, { cast: 'boolean' }),
  stop_grace_period: key(duration(), 'Time to end before the container is killed.', done),
  stop_signal: key(text(), 'Signal that asks the program to end.', done),
  storage_opt: key(
    textDictionary({ kind: 'object', keys: {}, open: true }),
    'Options of the storage driver.',
    refused('The OS has no storage drivers.', 'Delete the key.'),
  ),
  sysctls: key(labels(), 'Kernel parameters of the container.', doneExcept(...CASES.sysctls), { merge: 'lists', identity: byName }),
  tmpfs: key(textOrTexts({ unique: true }), 'Directories in memory.', done, { merge: 'lists', identity: byName }),
  tty: key(flag(), 'Give the program a terminal.', done, { cast: 'boolean' }),
  ulimits: key(ulimits({ ofService: true }), 'Limits of setrlimit(2).', doneExcept(...CASES.ulimits)),
  use_api_socket: key({ ...flag(), forms: [BOOLEAN] }, 'Give the container the socket of the engine.', refused('The OS has no engine.', 'Delete the key.')),
  user: key(text(), 'User and group of the program.', done),
  userns_mode: key(text(), 'host: root of the container is root of the OS.', doneExcept(...CASES.userns_mode)),
  uts: key(text(), 'UTS namespace.', doneExcept(...CASES.uts)),
  volumes: key(mounts, 'Volumes and paths that are mounted.', doneExcept(ENGINE_SOCKET, ...OPT_OUTS.volumes)),
  volumes_from: key(texts({ unique: true }), 'Take over the mounts that another service lists.', done),
  working_dir: key(text(), 'Working directory of the program.', done),
};

export const service = struct(serviceKeys);

import { expect, it } from 'vitest';
import { ComposeError } from '../../src/errors.ts';
import { loadText, service } from '../project.ts';

function refusal(files: Parameters<typeof loadText>[0]): string {
  try {
    loadText(files);
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    return `${error.code} ${error.message} | ${error.hint}`.replaceAll('/w/shop/', '');
  }
  return 'taken';
}

it('says what is wrong, where, and what to do', () => {
  expect(refusal(service('user: 1000'))).toBe(
    'COMPOSE_TYPE compose.yaml:4:11: services.s.user: expected a text, got the number 1000 | Write "1000", in quotes.',
  );
  expect(refusal(service('enviroment: {}'))).toBe(
    'COMPOSE_UNKNOWN_KEY compose.yaml:4:5: services.s.enviroment: Compose has no such key | Write "environment".',
  );
  expect(refusal(service('labels:'))).toBe(
    'COMPOSE_TYPE compose.yaml:4:12: services.s.labels: expected a mapping or a list, got nothing | Write a value, or delete the key.',
  );
  expect(refusal(service('volumes: [{ type: bond }]'))).toMatch(
    /^COMPOSE_VALUE compose\.yaml:4:\d+: services\.s\.volumes\[0\](: "target" is missing|\.type: expected one of)/,
  );
  expect(refusal(service('depends_on: [db]'))).toBe(
    'COMPOSE_UNDEFINED compose.yaml:4:18: services.s.depends_on.db: there is no such service | Correct the name, or add the service.',
  );
  expect(refusal(service('volumes: ["data:/data"]'))).toBe(
    'COMPOSE_UNDEFINED compose.yaml:4:15: services.s.volumes[0]: the volume "data" is not defined | Add "data" to the top-level volumes.',
  );
  expect(refusal(service('scale: 2', 'container_name: cc'))).toBe(
    'COMPOSE_CONFLICT compose.yaml:5:21: services.s.container_name: 2 containers cannot have one name | Delete "container_name".',
  );
});

it('names both files when one cannot be laid over the other', () => {
  expect(refusal({ 'compose.yaml': service('gpus: all'), 'compose.override.yaml': 'services: { s: { ports: { a: b } } }' })).toMatch(
    /^COMPOSE_TYPE compose\.override\.yaml:1:25: services\.s\.ports: expected a list/,
  );
  expect(refusal({ 'compose.yaml': service('ports: [80]'), 'compose.override.yaml': 'services: { s: { ports: { a: b } } }' })).toBe(
    'COMPOSE_MERGE compose.override.yaml:1:25: services.s.ports: a mapping cannot be laid over a list of compose.yaml:4 | ' +
      'Write both in the same form, or put !override before this value.',
  );
});

it('shows the circle that services wait in', () => {
  const text = 'services: { a: { image: i, depends_on: [b] }, b: { image: i, depends_on: [c] }, c: { image: i, depends_on: [b] } }';
  expect(refusal(text)).toMatch(/^COMPOSE_CONFLICT compose\.yaml:1:\d+: services\.c\.depends_on\.b: services wait for each other: b → c → b \|/);
});

it('shows the circle of "extends" and of "include"', () => {
  expect(refusal('services: { a: { extends: b }, b: { extends: a } }')).toMatch(/extends itself: a → b → a/);
  expect(refusal({ 'compose.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [compose.yaml]' })).toMatch(
    /^COMPOSE_INCLUDE_CYCLE b\.yaml:1:11: includes itself: compose\.yaml → b\.yaml → compose\.yaml/,
  );
});

it('never shows a value of a variable that it refuses', () => {
  const files = { 'compose.yaml': service('tty: ${SECRET}'), '.env': 'SECRET=hunter2\n' };
  expect(refusal(files)).toMatch(/^COMPOSE_TYPE compose\.yaml:4:10: services\.s\.tty: expected true or false/);
  const lines = [
    'tty: ${S}',
    'mem_limit: ${S}',
    'command: "a ${S} ("',
    'ports: ["${S}:80"]',
    'volumes: ["v:/${S}:${S}:${S}"]',
    'networks: ["${S}"]',
    'restart: [ "${S}" ]',
  ];
  for (const line of [...lines, 'security_opt: ["a=${S}", "a=${S}"]', 'stop_grace_period: ${S}', 'cpus: ${S}', 'expose: [{ "${S}": 1 }]']) {
    const message = refusal({ 'compose.yaml': service(line), '.env': 'S=hunter2\n' });
    expect(message, line).toMatch(/^COMPOSE_/);
    expect(message, line).not.toContain('hunter2');
  }
  for (const text of ['A="hunter2', "A='x'hunter2", 'hunter2', 'A hunter2=1', 'hunter2/x=1', 'A=${hunter2'])
    expect(refusal({ 'compose.yaml': service('env_file: a'), a: text }), text).toMatch(/^COMPOSE_\w+ a:1:1: (?!.*hunter2)/);
});

it('refuses ranges of more ports than three protocols have, in one list or in many', () => {
  const range = (protocol: string): string => `"1-65535:1-65535/${protocol}"`;
  const all = ['tcp', 'udp', 'sctp'].map(range).join(', ');
  const more =
    /^COMPOSE_TOO_LARGE compose\.yaml:\d+:\d+: services\.\w+\.ports(\[3\])?: the ranges have more than 200000 ports in all, which is our limit \| Publish/;
  expect(refusal(service(`ports: [${all}, "127.0.0.1:1-65535:1-65535"]`))).toMatch(more);
  expect(refusal(`services: { a: { image: i, ports: [${all}] }, b: { image: i, ports: [${range('tcp')}] } }`)).toMatch(more);
});

import { expect, it } from 'vitest';
import { shop } from './shop.ts';

/** Keys of the container of the service `web`, beside a service `db`. */
function web(keys: string): object {
  const text = `services:\n  web: { image: i, ${keys} }\n  db: { image: i, container_name: store }\nx-os: {}\n`;
  const { networks: _, ...service } = (shop(text)['bundle-web']!.options as { service: { networks?: object } }).service;
  return service;
}

it.each([
  ['restart: unless-stopped', { restart: 'unless-stopped' }],
  ['restart: "on-failure:3"', { restart: 'on-failure:3' }],
  ['restart: always, deploy: { restart_policy: { condition: none } }', { restart: 'no' }],
  ['deploy: { restart_policy: { condition: any } }', { restart: 'always' }],
  ['deploy: { restart_policy: { max_attempts: 3 } }', { restart: 'always:3' }],
  ['deploy: { restart_policy: { condition: on-failure, max_attempts: 2, delay: 5s, window: 2m } }', { restart: 'on-failure:2' }],
  ['restart: always, deploy: { labels: [a] }', { restart: 'always' }],
])('of two policies, that of "deploy" counts: %s', (keys, expected) => {
  expect(web(keys)).toEqual(expected);
});

it.each([
  ['depends_on: [db]', { store: { condition: 'service_started' } }],
  ['depends_on: { db: { condition: service_healthy, required: false } }', { store: { condition: 'service_healthy', required: false } }],
  ['depends_on: { db: { condition: service_started, restart: true } }', { store: { condition: 'service_started', restart: true } }],
])('a container needs those of a service, by their names: %s', (keys, depends_on) => {
  expect(web(keys)).toEqual({ depends_on });
});

it.each([
  ['tty: true, stdin_open: true', { tty: true, stdin_open: true }],
  ['stop_grace_period: 1.5s', { stop_grace_period: '1.5s' }],
  ['stop_grace_period: 500ms', { stop_grace_period: '500ms' }],
  ['healthcheck: { test: a, interval: 250ms }', { healthcheck: { test: ['CMD-SHELL', 'a'], interval: '250ms' } }],
  [
    'post_start: [{ command: "a b", user: root, privileged: true, working_dir: /srv, environment: [A=1] }], pre_stop: [{ command: [c] }]',
    {
      post_start: [{ command: ['a', 'b'], user: 'root', privileged: true, working_dir: '/srv', environment: { A: '1' } }],
      pre_stop: [{ command: ['c'] }],
    },
  ],
])('terminals, times and hooks reach the container as they are: %s', (keys, expected) => {
  expect(web(keys)).toEqual(expected);
});

it('a secret in the environment of a hook would be shown, and is refused', () => {
  expect(() => web('post_start: [{ command: a, environment: { P: "x${DB_PASSWORD}" } }]')).toThrow('the value of ${DB_PASSWORD} would be shown');
});

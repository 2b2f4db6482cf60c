import { shellQuote } from '@container-os/core';
import type { Definition } from './definition.ts';
import { networksOf, portMappings } from './network.ts';
import { newVolumes, writableLayer } from './storage.ts';

/**
 * What the OS's supervisor must know of a container, as variables of a shell: /containers/<name>/service.
 * Every value comes from a pattern or a checked name, so that none needs quotes but lists and JSON. A health check
 * is a function, which puts its program behind the words it is called with.
 */
export function serviceFile(definition: Definition): string {
  const { restart = 'always', depends_on = {}, stop_signal = 'SIGTERM', stop_grace_period = '10s', healthcheck } = definition;
  const [policy, retries = '0'] = restart.split(':');
  const depends = Object.entries(depends_on).map(([name, { condition }]) => `${name}:${condition}`);
  const mappings = portMappings(definition);
  return [
    `restart=${policy}`,
    // 0: without end.
    `retries=${retries}`,
    `depends='${depends.join(' ')}'`,
    `stop_signal=${stop_signal.replace(/^SIG/, '')}`,
    `grace=${seconds(stop_grace_period)}`,
    `networks='${networksOf(definition).join(' ')}'`,
    `ports='${mappings.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`).join(' ')}'`,
    // The CNI plugin's own format, so that no script writes JSON.
    `port_mappings='${mappings.length > 0 ? JSON.stringify(mappings) : ''}'`,
    `volumes='${newVolumes(definition).join(' ')}'`,
    `layer=${writableLayer(definition)}`,
    ...(healthcheck ? healthLines(healthcheck) : []),
    '',
  ].join('\n');
}

function healthLines({
  test: [kind, ...words],
  interval = '30s',
  timeout = '30s',
  retries = 3,
  start_period = '0s',
}: NonNullable<Definition['healthcheck']>): string[] {
  const argv = kind === 'CMD' ? words : ['/bin/sh', '-c', words.join(' ')];
  return [
    `health_interval=${seconds(interval)}`,
    `health_timeout=${seconds(timeout)}`,
    `health_retries=${retries}`,
    `health_start_period=${seconds(start_period)}`,
    `health_test() { "$@" ${argv.map(shellQuote).join(' ')}; }`,
  ];
}

function seconds(duration: string): string {
  return duration.replace(/s$/, '');
}

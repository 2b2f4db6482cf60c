import { shellQuote } from '@container-os/core';
import { defaultsOf } from './defaults.ts';
import type { Definition } from './definition.ts';
import { hostnameOf } from './name.ts';
import { networksOf, portMappings } from './network.ts';
import { newVolumes, writableLayer } from './storage.ts';

/**
 * The file /containers/<name>/service: shell variables for the OS's supervisor. Every value matches a pattern or is a
 * checked name, so that only lists and JSON need quotes. A health check is a function that appends its program to the
 * words of its caller.
 */
export function serviceFile(name: string, definition: Definition): string {
  const defaults = defaultsOf(definition);
  const {
    restart = defaults.restart,
    hostname = hostnameOf(name),
    depends_on = {},
    stop_signal = 'SIGTERM',
    stop_grace_period = '10s',
    healthcheck,
  } = definition;
  const [policy, retries = '0'] = restart.split(':');
  const depends = Object.entries(depends_on).map(([name, { condition }]) => `${name}:${condition}`);
  const mappings = portMappings(definition);
  return [
    `restart=${policy}`,
    // 0: no limit.
    `retries=${retries}`,
    `depends='${depends.join(' ')}'`,
    `stop_signal=${stop_signal.replace(/^SIG/, '')}`,
    `grace=${seconds(stop_grace_period)}`,
    `networks='${networksOf(definition).join(' ')}'`,
    `ports='${mappings.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`).join(' ')}'`,
    // In the CNI plugin's own format, so that no script has to write JSON.
    `port_mappings='${mappings.length > 0 ? JSON.stringify(mappings) : ''}'`,
    `volumes='${newVolumes(name, definition).join(' ')}'`,
    `layer=${writableLayer(definition)}`,
    ...resolverLines(definition),
    ...(defaults.hostnameFile ? [`hostname=${shellQuote(hostname)}`] : []),
    ...(healthcheck ? healthLines(healthcheck) : []),
    '',
  ].join('\n');
}

/** Only what the definition says: most say nothing. */
function resolverLines(definition: Definition): string[] {
  const { dns, dns_search, dns_opt } = definition;
  return Object.entries({ dns, dns_search, dns_opt }).flatMap(([name, words]) => (words ? [`${name}=${shellQuote(words.join(' '))}`] : []));
}

function healthLines({
  test: [kind, ...words],
  interval = '30s',
  timeout = '30s',
  retries = 3,
  start_period = '0s',
  start_interval,
}: NonNullable<Definition['healthcheck']>): string[] {
  const argv = kind === 'CMD' ? words : ['/bin/sh', '-c', words.join(' ')];
  return [
    `health_interval=${seconds(interval)}`,
    `health_timeout=${seconds(timeout)}`,
    `health_retries=${retries}`,
    `health_start_period=${seconds(start_period)}`,
    ...(start_interval === undefined ? [] : [`health_start_interval=${seconds(start_interval)}`]),
    `health_test() { "$@" ${argv.map(shellQuote).join(' ')}; }`,
  ];
}

function seconds(duration: string): string {
  return duration.replace(/s$/, '');
}

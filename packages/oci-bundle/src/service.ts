import { shellQuote } from '@container-os/core/portable';
import { bindLines } from './binds.ts';
import { defaultsOf } from './defaults.ts';
import type { Definition } from './definition.ts';
import { milliseconds, seconds } from './duration.ts';
import { hookLines } from './hooks.ts';
import { externalFiles } from './mounted-files.ts';
import { hostnameOf } from './name.ts';
import { networkLines } from './network.ts';
import type { OciConfig } from './oci-config.ts';
import { volumeLines, writableLayer } from './storage.ts';
import { deviceModes } from './privileges.ts';

/**
 * The file /containers/<name>/service: shell variables for the OS's supervisor. Every value matches a pattern or is a
 * checked name, so that only lists and JSON need quotes. A health check is a function that appends its program to the
 * words of its caller; see hookLines for hooks. Durations are in seconds, as sleep(1) takes them, or in milliseconds.
 *
 * @param root which root the container has: another one has another writable layer
 */
export function serviceFile(name: string, definition: Definition, config: OciConfig, root?: string): string {
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
  const depends = Object.entries(depends_on).map(([name, { condition, required = true }]) => `${name}:${condition}${required ? '' : ':optional'}`);
  const files = externalFiles(name, definition);
  const layer = writableLayer(definition);
  return [
    `restart=${policy === 'unless-stopped' ? 'always' : policy}`,
    // 0: no limit.
    `retries=${Number(retries)}`,
    `depends='${depends.join(' ')}'`,
    `shares='${sharedWith(definition).join(' ')}'`,
    `stop_signal=${stop_signal.replace(/^SIG/, '')}`,
    `grace_ms=${milliseconds(stop_grace_period)}`,
    ...networkLines(name, definition),
    ...volumeLines(name, definition),
    `layer=${layer}`,
    ...(root === undefined || layer === '' ? [] : [`root=${root}`]),
    ...(files.length > 0 ? [`files='${files.join(' ')}'`] : []),
    ...bindLines(definition),
    ...(definition.devices ? [`devices='${deviceModes(definition).join(' ')}'`] : []),
    ...resolverLines(definition),
    ...(defaults.hostnameFile ? [`hostname=${shellQuote(hostname)}`] : []),
    ...(definition.stdin_open ? ['stdin_open=yes'] : []),
    ...(config.process.terminal ? ['tty=yes'] : []),
    ...(healthcheck ? healthLines(healthcheck) : []),
    ...hookLines(definition, config),
    '',
  ].join('\n');
}

/** Only what the definition says: most say nothing. */
function resolverLines(definition: Definition): string[] {
  const { dns, dns_search, dns_opt } = definition;
  return Object.entries({ dns, dns_search, dns_opt }).flatMap(([name, words]) => (words ? [`${name}=${shellQuote(words.join(' '))}`] : []));
}

/** Containers whose namespaces this one is in: when they start again, so must it. */
function sharedWith(definition: { network_mode?: string; pid?: string; ipc?: string }): string[] {
  const { network_mode, pid, ipc } = definition;
  return [...new Set([network_mode, pid, ipc].flatMap((mode) => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? []))];
}

function healthLines({ test, interval, timeout, retries, start_period = '0s', start_interval }: NonNullable<Definition['healthcheck']>): string[] {
  const [kind, ...words] = test;
  const argv = kind === 'CMD' ? words : ['/bin/sh', '-c', words.join(' ')];
  return [
    `health_interval=${orDefault(interval, '30s')}`,
    `health_timeout=${orDefault(timeout, '30s')}`,
    `health_retries=${retries || 3}`,
    `health_start_period_ms=${milliseconds(start_period)}`,
    `health_start_interval=${orDefault(start_interval, '5s')}`,
    `health_test() { "$@" ${argv.map(shellQuote).join(' ')}; }`,
  ];
}

/** To Docker, no time is as good as no key. */
function orDefault(duration: string | undefined, fallback: string): string {
  return seconds(duration !== undefined && milliseconds(duration) > 0 ? duration : fallback);
}

import type { Definition } from './definition.ts';

/**
 * What the OS's supervisor must know of a container, as variables of a shell: /containers/<name>/service.
 * Every value comes from a pattern or a checked name, so that none needs quotes but the list.
 */
export function serviceFile({ restart = 'always', depends_on = {}, stop_signal = 'SIGTERM', stop_grace_period = '10s' }: Definition): string {
  const [policy, retries = '0'] = restart.split(':');
  const depends = Object.entries(depends_on).map(([name, { condition }]) => `${name}:${condition}`);
  return [
    `restart=${policy}`,
    // 0: without end.
    `retries=${retries}`,
    `depends='${depends.join(' ')}'`,
    `stop_signal=${stop_signal.replace(/^SIG/, '')}`,
    `grace=${stop_grace_period.replace(/s$/, '')}`,
    '',
  ].join('\n');
}

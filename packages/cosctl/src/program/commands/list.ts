import { JSON_OPTION, type Command } from '../command.ts';
import { identityOf, listContainers, type Container } from '../containers.ts';
import { duration, table } from '../table.ts';

export const list: Command = {
  usage: '[OPTIONS]',
  summary: 'list the containers with states, addresses and uptimes',
  details: 'With --json also their Compose projects and services.',
  options: JSON_OPTION,
  positionals: [0, 0],
  run({ values }, system) {
    const containers = listContainers(system);
    system.print(
      values['json']
        ? `${JSON.stringify(
            containers.map((container) => ({ ...container, ...identityOf(system, container.name) })),
            null,
            2,
          )}\n`
        : table(['NAME', 'STATE', 'ADDRESS', 'PID', 'UPTIME', 'REASON'], containers.map(row)),
    );
    return 0;
  },
};

function row({ name, status, health, address, pid, uptime, reason }: Container): string[] {
  const state = health === null ? status : `${status} (${health})`;
  return [name, state, address ?? '-', String(pid ?? '-'), uptime === null ? '-' : duration(uptime), status === 'running' ? '-' : (reason ?? '-')];
}

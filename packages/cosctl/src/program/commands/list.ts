import { JSON_OPTION, type Command } from '../command.ts';
import { listContainers } from '../containers.ts';
import { duration, table } from '../table.ts';

export const list: Command = {
  usage: '',
  summary: 'show the containers, their states, addresses and uptimes',
  options: JSON_OPTION,
  positionals: 0,
  run({ values }, system) {
    const containers = listContainers(system);
    if (values['json']) system.print(`${JSON.stringify(containers, null, 2)}\n`);
    else system.print(table(['NAME', 'STATE', 'ADDRESS', 'PID', 'UPTIME', 'REASON'], containers.map((one) => [one.name, one.status, one.address ?? '-', String(one.pid ?? '-'), one.uptime === null ? '-' : duration(one.uptime), one.status === 'running' ? '-' : (one.reason ?? '-')])));
    return 0;
  },
};

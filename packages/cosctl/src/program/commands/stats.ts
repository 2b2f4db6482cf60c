import { JSON_OPTION, type Command } from '../command.ts';
import { listContainers, requireContainer, type Container } from '../containers.ts';
import type { System } from '../system.ts';
import { bytes, table } from '../table.ts';
import { readUsage, sampleCpu, type CpuSample, type Usage } from '../usage.ts';

const INTERVAL = 1000; // milliseconds
/** Moves the cursor to the top left and clears the screen below it. */
const CLEAR = '\x1b[H\x1b[J';

export const stats: Command = {
  usage: '[OPTIONS] [NAME...]',
  summary: 'show resource usage: CPU, memory, network, disks, processes',
  details: 'On a terminal the table is updated until Ctrl-C. Without NAME, all running containers are shown.',
  options: { 'no-stream': { type: 'boolean', short: 'n', description: 'print once, do not update' }, ...JSON_OPTION },
  positionals: [0, Infinity],
  run({ values, positionals }, system) {
    const chosen = (): Container[] =>
      positionals.length > 0 ? positionals.map((name) => requireContainer(system, name)) : listContainers(system).filter(({ status }) => status === 'running');
    const streams = system.isTerminal() && !values['no-stream'] && !values['json'];
    let before = sampleAll(chosen(), system);
    do {
      system.sleep(INTERVAL);
      const containers = chosen();
      const usages = containers.map((container) => readUsage(system, container, before.get(container.name)));
      before = sampleAll(containers, system);
      system.print(values['json'] ? `${JSON.stringify(usages, null, 2)}\n` : `${streams ? CLEAR : ''}${table(HEADING, usages.map(row))}`);
    } while (streams);
    return 0;
  },
};

function sampleAll(containers: readonly Container[], system: System): Map<string, CpuSample> {
  return new Map(
    containers.flatMap(({ name }) => {
      const sample = sampleCpu(system, name);
      return sample ? [[name, sample] as const] : [];
    }),
  );
}

const HEADING = ['NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET I/O', 'BLOCK I/O', 'PIDS'];

function row({ name, cpuPercent, memoryBytes: memory, memoryLimitBytes: limit, processes, ...io }: Usage): string[] {
  const pair = (one: number | null, other: number | null): string => (one === null || other === null ? '-' : `${bytes(one)} / ${bytes(other)}`);
  return [
    name,
    percent(cpuPercent),
    pair(memory, limit),
    percent(memory === null || limit === null ? null : (100 * memory) / limit),
    pair(io.netReceivedBytes, io.netSentBytes),
    pair(io.blockReadBytes, io.blockWrittenBytes),
    String(processes ?? '-'),
  ];
}

function percent(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(2)}%`;
}

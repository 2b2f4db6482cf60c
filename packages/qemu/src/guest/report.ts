/** The guest's report on the port `org.container-os.report`: one JSON object per line. Times are seconds of its uptime. */
export interface GuestReport {
  /** When userspace began. */
  init?: number;
  /** The processor's counter, which starts at reset, and the uptime at which it was read. */
  reset?: { counter: number; seconds: number };
  /** The boot steps that passed, in order. */
  steps: string[];
  failedStep?: { step: string; exitCode: number; reason: string };
  /** By name, at the end of the report; a container that ran and then failed has both times. */
  containers: Record<string, GuestContainer>;
  processors?: number;
  memory?: Memory;
  /** The memory after the containers were stopped. */
  memoryAlone?: Memory;
  /** The status of the data disk. */
  data?: { status: string; reason: string };
  /** By network card: its address, and what is wrong with its lease, as last reported before the guest's own tests. */
  uplinks: Record<string, { address: string; reason: string }>;
  /** The last line that each container wrote, as last reported. */
  words: Record<string, string>;
  processes: string[];
  namespaces: { container: string; kind: string; value: string; host: string }[];
  reach: { from: string; to: string; ok: boolean }[];
  /** Results of the guest's own tests, each a sentence that holds or not. */
  properties: { name: string; ok: boolean; found?: string }[];
  /** When the guest's own tests began, which stop and kill containers. */
  tests?: number;
  /** When all facts were reported. */
  done?: number;
  /** When the shutdown was complete. */
  poweroff?: number;
  /** The last event, as it was written. */
  last?: string;
  /** Lines that are not events. */
  malformed: string[];
}

/** Memory of the machine; the used part cannot be reclaimed. */
export interface Memory {
  totalKiB: number;
  usedKiB: number;
  /** Number of running containers. */
  containers?: number;
}

export interface GuestContainer {
  /** When it ran. */
  running?: number;
  address?: string;
  /** How it first ended, if it ended before the shutdown. */
  ended?: { status: string; exitCode: number; reason: string };
  /** Whether it ran again after that, and still did when the guest's own tests began. */
  back?: boolean;
}

/** A line of the report; `event` decides which fields it has. */
interface Event {
  event: string;
  uptime: number;
  name: string;
  step: string;
  status: string;
  exitCode: number;
  reason?: string;
  address: string;
  device: string;
  container: string;
  kind: string;
  value: unknown;
  host: string;
  from: string;
  to: string;
  ok: boolean;
  found?: string;
  counter: number;
  seconds: number;
}

/** KiB that the OS uses without containers, and that each container adds; undefined if the guest did not measure it. */
export function memoryShares({ memory, memoryAlone }: Pick<GuestReport, 'memory' | 'memoryAlone'>): { os: number; container: number } | undefined {
  if (!memory?.containers || memoryAlone?.containers !== 0) return undefined;
  return { os: memoryAlone.usedKiB, container: Math.round((memory.usedKiB - memoryAlone.usedKiB) / memory.containers) };
}

/** Reads the report of a boot that may have ended at any point. */
export function readGuestReport(text: string): GuestReport {
  const report: GuestReport = { steps: [], containers: {}, uplinks: {}, words: {}, processes: [], namespaces: [], reach: [], properties: [], malformed: [] };
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const event = parseEvent(line);
    if (!event) report.malformed.push(line);
    else take(report, event);
    if (event) report.last = line;
  }
  return report;
}

function parseEvent(line: string): Event | undefined {
  try {
    const value = JSON.parse(line) as Event | null;
    return typeof value?.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function take(report: GuestReport, event: Event): void {
  const { uptime, step, exitCode, address, reason = '' } = event;
  switch (event.event) {
    case 'init':
      report.init = uptime;
      break;
    case 'step':
      report.steps.push(step);
      break;
    case 'failed':
      report.failedStep ??= { step, exitCode, reason };
      break;
    case 'container':
      takeContainer(report, event);
      break;
    case 'uplink':
      if (report.tests === undefined) report.uplinks[event.device] = { address, reason };
      break;
    case 'fact':
      takeFact(report, event);
      break;
    case 'tests':
      report.tests = uptime;
      break;
    case 'property':
      report.properties.push({ name: event.name, ok: event.ok === true, ...(event.found ? { found: event.found } : {}) });
      break;
    case 'done':
      report.done = uptime;
      break;
    case 'poweroff':
      report.poweroff = uptime;
      break;
    default:
      report.malformed.push(JSON.stringify(event));
  }
}

function takeContainer(report: GuestReport, { name, status, uptime, address, exitCode, reason = '' }: Event): void {
  const container = (report.containers[name] ??= {});
  // Later the guest's tests and the shutdown end containers.
  if ((report.tests ?? report.done) !== undefined) return;
  if (status === 'running') Object.assign(container, { running: uptime, ...(address ? { address } : {}) });
  else container.ended ??= { status, exitCode, reason };
  if (container.ended) container.back = status === 'running';
}

function takeFact(report: GuestReport, { name, value, container, kind, host, from, to, ok, status, reason = '', counter, seconds }: Event): void {
  if (name === 'memory') report[report.memory ? 'memoryAlone' : 'memory'] = value as Memory;
  else if (name === 'processors') report.processors = Number(value);
  else if (name === 'reset') report.reset = { counter, seconds };
  else if (name === 'data') report.data = { status, reason };
  else if (name === 'words') report.words[container] = String(value);
  else if (name === 'process') report.processes.push(String(value));
  else if (name === 'namespace') report.namespaces.push({ container, kind, value: String(value), host });
  else if (name === 'reach') report.reach.push({ from, to, ok });
}

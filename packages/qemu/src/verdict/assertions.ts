import { BlockList, isIPv4 } from 'node:net';
import type { Outcome } from './classify.ts';
import { memoryShares, type GuestReport } from '../guest/report.ts';
import { answers } from '../guest/published.ts';
import type { QemuTestOptions } from '../qemu-test/schema.d.ts';

/** The expectations in an image's options. */
export type Expectations = NonNullable<QemuTestOptions['expect']> &
  Pick<QemuTestOptions, 'properties' | 'memoryUsedKiB' | 'osMemoryKiB' | 'containerMemoryKiB' | 'secondsToContainer'>;

/** One expectation, as a sentence, and whether it holds. */
export interface Assertion {
  name: string;
  /** What was found instead; undefined if the sentence holds. */
  found?: string;
}

/**
 * One result for each expectation, in the order of the schema. `probe`: seconds of a probe boot on this machine, which
 * scales the time until the containers run.
 */
export function assertAll(
  expect: Expectations,
  { report, requests, published }: Pick<Outcome, 'report' | 'requests' | 'published'>,
  probe: number,
): Assertion[] {
  return [
    assertion('every line of the report is an event', report.malformed.length === 0, report.malformed[0]),
    ...(expect.processes ?? []).map((name) => assertion(`process ${name} runs`, report.processes.includes(name), report.processes.join(' '))),
    ...Object.entries(expect.containers ?? {}).flatMap(([name, promised]) => assertContainer(name, promised, report)),
    ...Object.entries(report.uplinks).map(([device, { reason }]) => assertion(`the uplink ${device} has all that its lease gives`, reason === '', reason)),
    ...(expect.reach ?? []).map((path) => assertReach(path, report)),
    ...assertRequests(expect.reach ?? [], requests),
    ...Object.entries(expect.published ?? {}).map(([port, pattern]) =>
      assertion(
        `port ${port} of the guest answers this machine with ${pattern}`,
        answers(published[port], pattern),
        (published[port]?.page ?? published[port]?.error)?.slice(0, 200),
      ),
    ),
    ...assertProperties(expect.properties ?? 0, report),
    ...assertMemory('are used', expect.memoryUsedKiB, report.memory?.usedKiB),
    ...assertMemory('are used by the OS without containers', expect.osMemoryKiB, memoryShares(report)?.os),
    ...assertMemory('are used for each container', expect.containerMemoryKiB, memoryShares(report)?.container),
    ...assertTime(expect.secondsToContainer, report, probe),
  ];
}

/** An assertion; `found` counts only if it does not hold. */
export function assertion(name: string, holds: boolean, found: unknown): Assertion {
  return holds ? { name } : { name, found: found === undefined || found === '' ? 'nothing reported' : String(found) };
}

function assertContainer(
  name: string,
  { isolated = [], subnet }: NonNullable<Expectations['containers']>[string],
  { containers, namespaces }: GuestReport,
): Assertion[] {
  const { running, address, ended } = containers[name] ?? {};
  return [
    assertion(`container ${name} runs`, running !== undefined && !ended, ended?.reason),
    ...isolated.map((kind) => {
      const its = namespaces.find((one) => one.container === name && one.kind === kind);
      return assertion(
        `container ${name} has a ${kind} namespace of its own`,
        Boolean(its?.value && its.host && its.value !== its.host),
        its && `${its.value}, the host's is ${its.host}`,
      );
    }),
    ...(subnet ? [assertion(`container ${name} has an address in ${subnet}`, isWithin(address, subnet), address)] : []),
  ];
}

function isWithin(address: string | undefined, subnet: string): boolean {
  const [base = '', prefix] = subnet.split('/');
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), 'ipv4');
  return address !== undefined && isIPv4(address) && list.check(address);
}

function assertReach(path: string, { reach }: GuestReport): Assertion {
  const [from, to] = path.split(' -> ');
  const attempt = reach.find((one) => one.from === from && one.to === to);
  return assertion(`${from} reaches ${to}`, attempt?.ok === true, attempt && 'it did not');
}

/** Checks on this machine, too, that the guest's requests arrived. */
function assertRequests(reach: readonly string[], requests: readonly string[]): Assertion[] {
  const expected = reach.filter((path) => path.endsWith(' -> host')).length;
  const seen = requests.filter((line) => line.startsWith('GET / ')).length;
  return expected === 0 ? [] : [assertion(`the host's server saw ${expected} ${expected === 1 ? 'request' : 'requests'} or more`, seen >= expected, `${seen}`)];
}

/** Every property that the guest tested must hold, and there must be at least as many as expected. */
function assertProperties(atLeast: number, { properties }: GuestReport): Assertion[] {
  const enough = atLeast === 0 ? [] : [assertion(`the guest tests ${atLeast} properties or more`, properties.length >= atLeast, `${properties.length}`)];
  return [...enough, ...properties.map(({ name, ok, found }) => assertion(name, ok, found ?? 'it does not hold'))];
}

function assertMemory(what: string, limit: number | undefined, used: number | undefined): Assertion[] {
  return limit === undefined ? [] : [assertion(`at most ${limit} KiB of memory ${what}`, used !== undefined && used <= limit, used && `${used} KiB`)];
}

function assertTime(limit: number | undefined, report: GuestReport, probe: number): Assertion[] {
  if (limit === undefined) return [];
  const seconds = secondsToContainer(report);
  const scaled = limit * Math.max(1, probe);
  return [assertion(`all containers run after ${scaled.toFixed(1)} s`, seconds !== undefined && seconds <= scaled, seconds && `${seconds.toFixed(2)} s`)];
}

/** Guest uptime at which the last container ran. */
export function secondsToContainer({ containers }: GuestReport): number | undefined {
  const times = Object.values(containers).flatMap(({ running }) => running ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

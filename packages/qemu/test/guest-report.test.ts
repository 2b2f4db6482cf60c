import { expect, it } from 'vitest';
import { readGuestReport } from '../src/guest/report.ts';
import { GOOD } from './reports.ts';

it('gathers the events of a boot', () => {
  const { containers, memory, steps, init, done, poweroff, malformed } = readGuestReport(GOOD);
  expect({ init, done, poweroff, steps, memory, malformed }).toEqual({
    init: 1.63,
    done: 5.04,
    poweroff: 6.31,
    steps: ['20-cgroups', '60-containers'],
    memory: { totalKiB: 241800, usedKiB: 64096 },
    malformed: [],
  });
  expect(containers).toEqual({ demo: { running: 3.53, address: '10.22.0.2' }, peer: { running: 4.39, address: '10.22.0.3' } });
});

it('keeps what a crash in the middle of a line, or a guest of another version, wrote', () => {
  const { init, malformed, last } = readGuestReport('{"event":"init","uptime":1}\n{"event":"dance","uptime":2}\nnull\n{"event":"st');
  expect(init).toBe(1);
  expect(malformed).toEqual(['{"event":"dance","uptime":2}', 'null', '{"event":"st']);
  expect(last).toBe('{"event":"dance","uptime":2}');
});

it("takes what the guest's tests found, and what they do to containers for no failure", () => {
  const event = (name: string, status: string): string =>
    `{"event":"container","name":"${name}","status":"${status}","exitCode":137,"uptime":9,"address":"10.22.0.9"}`;
  const { properties, containers, tests } = readGuestReport(
    [
      event('demo', 'running'),
      '{"event":"tests","uptime":3}',
      event('demo', 'failed'),
      event('demo', 'running'),
      '{"event":"property","uptime":4,"name":"it is so","ok":true}',
      '{"event":"property","uptime":4,"name":"it is not so","ok":false,"found":"x"}',
    ].join('\n'),
  );
  expect(tests).toBe(3);
  expect(containers).toEqual({ demo: { running: 9, address: '10.22.0.9' } });
  expect(properties).toEqual([
    { name: 'it is so', ok: true },
    { name: 'it is not so', ok: false, found: 'x' },
  ]);
});

it('has the last address of each network card before the tests, and what is wrong with its lease', () => {
  const uplink = (device: string, address: string, reason: string): string =>
    JSON.stringify({ event: 'uplink', uptime: 3, device, address, metric: 1001, reason });
  const lines = [
    uplink('eth0', '192.0.2.5/24', ''),
    uplink('eth1', '', 'x'),
    uplink('eth0', '10.0.2.15/24', 'route'),
    '{"event":"tests","uptime":4}',
    uplink('eth0', '', ''),
  ];
  expect(readGuestReport(lines.join('\n')).uplinks).toEqual({ eth0: { address: '10.0.2.15/24', reason: 'route' }, eth1: { address: '', reason: 'x' } });
});

it('keeps the first end of a container and the first failed step: what follows is their consequence', () => {
  const failed = (name: string, code: number): string =>
    `{"event":"container","name":"${name}","status":"failed","exitCode":${code},"reason":"r${code}","uptime":1}`;
  const step = (name: string): string => `{"event":"failed","step":"${name}","exitCode":1,"uptime":1}`;
  const { containers, failedStep } = readGuestReport([failed('demo', 1), failed('demo', 2), step('10-a'), step('20-b')].join('\n'));
  expect(containers['demo']?.ended).toEqual({ status: 'failed', exitCode: 1, reason: 'r1' });
  expect(failedStep?.step).toBe('10-a');
});

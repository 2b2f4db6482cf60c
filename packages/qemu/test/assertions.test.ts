import { resolveOptions } from '@container-os/core/testing';
import { BuildError } from '@container-os/core';
import { describe, expect, it } from 'vitest';
import { assertAll, type Expectations } from '../src/verdict/assertions.ts';
import { planQemuTest } from '../src/qemu-test/plan.ts';
import schema from '../src/qemu-test/schema.json' with { type: 'json' };
import { outcome } from './reports.ts';

/** What does not hold: `sentence | what was found`. */
function broken(expect: Expectations, parts: Parameters<typeof outcome>[0] = {}, probe = 0.5): string[] {
  return assertAll(expect, outcome(parts), probe).flatMap(({ name, found }) => (found === undefined ? [] : [`${name} | ${found}`]));
}

describe('an expectation', () => {
  it('holds when the report says so', () => {
    const expectations: Expectations = {
      processes: ['httpd'],
      containers: { demo: { isolated: ['pid', 'net'], subnet: '10.22.0.0/16' }, peer: {} },
      reach: ['demo -> gateway', 'demo -> host'],
      published: { 8080: '^Hello' },
      memoryUsedKiB: 64096,
      secondsToContainer: 4.39,
    };
    expect(broken(expectations)).toEqual([]);
    expect(assertAll(expectations, outcome(), 0.5)).toHaveLength(13);
  });

  it('does not hold for a lease of which something is refused', () => {
    const lease = (reason: string): string => `{"event":"uplink","uptime":2,"device":"eth0","address":"10.0.2.15/24","metric":1001,"reason":"${reason}"}\n`;
    expect(broken({}, { report: lease('') })).toEqual([]);
    expect(broken({}, { report: lease('MTU 99 is refused') })).toEqual(['the uplink eth0 has all that its lease gives | MTU 99 is refused']);
  });

  it.each<[string, Expectations, string[]]>([
    ['a process that is not there', { processes: ['httpd', 'sshd'] }, ['process sshd runs | httpd']],
    [
      'a container that never ran',
      { containers: { web: { isolated: ['pid'], subnet: '10.22.0.0/16' } } },
      [
        'container web runs | nothing reported',
        'container web has a pid namespace of its own | nothing reported',
        'container web has an address in 10.22.0.0/16 | nothing reported',
      ],
    ],
    ['an address in another subnet', { containers: { demo: { subnet: '10.23.0.0/16' } } }, ['container demo has an address in 10.23.0.0/16 | 10.22.0.2']],
    [
      'a connection that failed, and one that was not tried',
      { reach: ['demo -> peer', 'peer -> demo'] },
      ['demo reaches peer | it did not', 'peer reaches demo | nothing reported'],
    ],
    [
      'another page at a published port, and a port that did not answer',
      { published: { 81: '', 82: 'Hello', 8080: 'Welcome' } },
      [
        'port 81 of the guest answers this machine with  | nothing reported',
        'port 82 of the guest answers this machine with Hello | Hello? no',
        'port 8080 of the guest answers this machine with Welcome | Hello from demo\n',
      ],
    ],
    ['too much memory', { memoryUsedKiB: 64095 }, ['at most 64095 KiB of memory are used | 64096 KiB']],
    [
      'memory that nobody measured',
      { osMemoryKiB: 1000, containerMemoryKiB: 1000 },
      [
        'at most 1000 KiB of memory are used by the OS without containers | nothing reported',
        'at most 1000 KiB of memory are used for each container | nothing reported',
      ],
    ],
    ['a container that came too late', { secondsToContainer: 4.38 }, ['all containers run after 4.4 s | 4.39 s']],
  ])('does not hold for %s', (_what, expectations, found) => {
    expect(broken(expectations)).toEqual(found);
  });

  it("does not hold for a namespace that is the host's, or empty", () => {
    const fact = (value: string): string => `{"event":"fact","name":"namespace","container":"c","kind":"pid","value":"${value}","host":"402","uptime":1}\n`;
    const expectations: Expectations = { containers: { c: { isolated: ['pid'] } } };
    expect(broken(expectations, { report: fact('402') })).toContain("container c has a pid namespace of its own | 402, the host's is 402");
    expect(broken(expectations, { report: fact('') })).toContain("container c has a pid namespace of its own | , the host's is 402");
  });

  it('does not hold for a container that ended, however well', () => {
    const report =
      '{"event":"container","name":"c","status":"running","uptime":1}\n{"event":"container","name":"c","status":"exited","exitCode":0,"reason":"exited","uptime":2}\n';
    expect(broken({ containers: { c: {} } }, { report })).toEqual(['container c runs | exited']);
  });

  it("does not take the guest's word for a request that the host's server did not see", () => {
    expect(broken({ reach: ['demo -> host'] }, { requests: [] })).toEqual(["the host's server saw 1 request or more | 0"]);
  });

  it('gives a slow machine more time to the container, a fast one no less', () => {
    expect(broken({ secondsToContainer: 2.2 }, {}, 2)).toEqual([]);
    expect(broken({ secondsToContainer: 2.2 }, {}, 1)).toHaveLength(1);
    expect(broken({ secondsToContainer: 4.4 }, {}, 0.1)).toEqual([]);
  });

  it('requires every property of the guest to hold, and a minimum number of them', () => {
    const report =
      '{"event":"property","uptime":1,"name":"it is so","ok":true}\n{"event":"property","uptime":1,"name":"it is not so","ok":false,"found":"x"}\n';
    expect(broken({ properties: 2 }, { report })).toEqual(['it is not so | x']);
    expect(broken({ properties: 3 }, { report })).toEqual(['the guest tests 3 properties or more | 2', 'it is not so | x']);
  });

  it('does not hold for a report with a line that is no event', () => {
    expect(broken({}, { report: '{"event":"init","uptime":1}\nnonsense\n' })).toEqual(['every line of the report is an event | nonsense']);
  });
});

it.each<[string, Expectations, string]>([
  ['a subnet that is none', { containers: { demo: { subnet: '10.22.0.0/33' } } }, '"expect.containers.demo.subnet" is "10.22.0.0/33"'],
  ['a subnet with an impossible address', { containers: { demo: { subnet: '10.22.0.300/16' } } }, '"expect.containers.demo.subnet" is "10.22.0.300/16"'],
  ['a connection of an unknown container', { containers: { demo: {} }, reach: ['demo -> gateway', 'dmo -> gateway'] }, '"expect.reach" is "dmo -> gateway"'],
  ['a port that is none', { published: { 70000: 'a' } }, '"expect.published" is "70000"'],
  ['a pattern that is none', { published: { 80: '(' } }, '"expect.published.80" is "("'],
])('an expectation with %s is refused before anything boots', (_what, expect_, message) => {
  const refused = (): unknown => planQemuTest(resolveOptions(schema, { expect: expect_ }));
  expect(refused).toThrow(BuildError);
  expect(refused).toThrow(message);
});

it('separates the memory of the OS from that of its containers', () => {
  const fact = (usedKiB: number, containers: number): string =>
    JSON.stringify({ event: 'fact', uptime: 1, name: 'memory', value: { totalKiB: 200_000, usedKiB, containers } });
  const measured = outcome({ report: [fact(20_000, 4), fact(12_000, 0)].join('\n') });
  const found = (limits: Expectations): unknown[] =>
    assertAll(limits, measured, 1)
      .slice(1)
      .map((one) => one.found);
  expect(found({ osMemoryKiB: 12_000, containerMemoryKiB: 2000 })).toEqual([undefined, undefined]);
  expect(found({ osMemoryKiB: 11_999, containerMemoryKiB: 1999 })).toEqual(['12000 KiB', '2000 KiB']);
});

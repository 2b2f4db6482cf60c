// A real udhcpd, a real udhcpc and the kernel, in network namespaces: see uplink-lan.ts.
import { afterEach, describe, expect, it } from 'vitest';
import { LAN, Lan, LEASE, PLAIN } from './uplink-lan.ts';

let lan: Lan;
afterEach(() => lan.close());

/** What the console shows. */
const told = (): string => lan.read('dev/console');
const mtuOf = (link: string, container?: string): string | undefined =>
  /mtu (\d+)/.exec(lan.os(`${container ? `nsenter --net=${lan.root}/run/netns/${container} ` : ''}ip link ${link}`))?.[1];

describe.runIf(LAN)('a lease', () => {
  it('gives address, routes and name servers, and nothing is told', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    expect(lan.routes()).toEqual(['default via 192.0.2.1 dev eth0 metric 1001', '192.0.2.0/24 dev eth0 scope link src 192.0.2.15 metric 1001']);
    expect(lan.read('run/resolv.conf')).toBe('nameserver 192.0.2.1\n');
    expect(lan.rows()).toEqual(['uplink  192.0.2.15/24  eth0']);
    expect(told()).toBe('');
  });

  it('that is renewed without a change, touches nothing', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    const seen = await lan.changes(async () => {
      lan.os(`kill -USR1 ${lan.read('run/container-os/uplink/cards/eth0/pid')}`);
      await lan.until('a renewal', () => lan.log.split('lease of').length > 2);
    });
    expect(seen).toBe('');
  });

  it('that changes name servers alone, touches neither address nor routes', async () => {
    lan = new Lan(1);
    lan.event('bound', LEASE);
    expect(await lan.changes(() => lan.event('renew', { ...LEASE, dns: '192.0.2.2 192.0.2.3' }))).toBe('');
    expect(lan.read('run/resolv.conf')).toBe('nameserver 192.0.2.2\nnameserver 192.0.2.3\n');
  });

  it('with another address of the same network: the new one is there before the old one goes, and stays', async () => {
    lan = new Lan(1);
    lan.event('bound', LEASE);
    const seen = await lan.changes(() => lan.event('renew', { ...LEASE, ip: '192.0.2.16' }));
    expect(seen.indexOf('192.0.2.16/24')).toBeLessThan(seen.indexOf('Deleted'));
    expect(lan.addresses(0)).toEqual(['192.0.2.16/24']);
    expect(lan.routes()).toEqual(['default via 192.0.2.1 dev eth0 metric 1001', '192.0.2.0/24 dev eth0 scope link src 192.0.2.16 metric 1001']);
  });

  it('that is lost, leaves nothing', () => {
    lan = new Lan(1);
    lan.event('bound', { ...LEASE, mtu: '1400', domain: 'lan' });
    lan.event('deconfig');
    expect([lan.addresses(0), lan.routes(), lan.read('run/resolv.conf').trim(), mtuOf('show eth0')]).toEqual([[], [], '', '1500']);
  });

  it('survives the death of udhcpc, which is started again', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    const seen = await lan.changes(async () => {
      lan.os(`kill -KILL ${lan.read('run/container-os/uplink/cards/eth0/pid')}`);
      await lan.until('another lease', () => lan.log.split('lease of').length > 2);
    });
    expect(seen).toBe('');
  });
});

describe.runIf(LAN)('routes', () => {
  it('with mask 255.255.255.255 the router, outside of it, gets a route of its own first', async () => {
    lan = new Lan(1);
    lan.serve(0, '198.51.100.1/32', 'opt subnet 255.255.255.255\nopt router 198.51.100.1\nopt dns 198.51.100.1', '192.0.2.5');
    lan.network('ip route add 192.0.2.5/32 dev lan0');
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.5/32'));
    expect(lan.routes()).toEqual(['default via 198.51.100.1 dev eth0 metric 1001', '198.51.100.1 dev eth0 scope link src 192.0.2.5 metric 1001']);
    lan.os(`${lan.root}/bin/ping -c 1 -W 5 198.51.100.1`);
  });

  it('of option 121 replace the router; those without a router come first', async () => {
    lan = new Lan(1);
    const routes = '0.0.0.0/0 198.51.100.1, 203.0.113.0/24 198.51.100.7, 198.51.100.0/28 0.0.0.0';
    lan.serve(0, '198.51.100.1/32', `opt subnet 255.255.255.255\nopt router 192.0.2.9\nopt dns 198.51.100.1\nopt staticroutes ${routes}`, '192.0.2.5');
    lan.network('ip route add 192.0.2.5/32 dev lan0');
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.5/32'));
    expect(lan.routes()).toEqual([
      'default via 198.51.100.1 dev eth0 metric 1001',
      '198.51.100.0/28 dev eth0 scope link src 192.0.2.5 metric 1001',
      '203.0.113.0/24 via 198.51.100.7 dev eth0 metric 1001',
    ]);
  });

  it('lose the bits of hosts, and the first of two to one network counts', () => {
    lan = new Lan(1);
    lan.event('bound', { ...LEASE, staticroutes: '203.0.113.77/25 192.0.2.1 203.0.113.0/25 192.0.2.2 0.0.0.0/0 192.0.2.15' });
    expect(lan.routes()).toEqual([
      'default dev eth0 scope link src 192.0.2.15 metric 1001',
      '192.0.2.0/24 dev eth0 scope link src 192.0.2.15 metric 1001',
      '203.0.113.0/25 via 192.0.2.1 dev eth0 metric 1001',
    ]);
  });

  it('that fail are told on the console, in the message of the day and in the report, and tried again', () => {
    lan = new Lan(1);
    lan.event('bound', { ...LEASE, router: '192.0.2.255' });
    const fault = /route 0\.0\.0\.0\/0 via 192\.0\.2\.255: .*(Invalid|unreachable)/;
    expect(told()).toMatch(fault);
    expect(lan.rows()).toEqual(['uplink  192.0.2.15/24  eth0', expect.stringMatching(fault)]);
    expect(lan.read('report')).toMatch(fault);
    lan.event('renew', { ...LEASE, router: '192.0.2.255' });
    expect(told().match(/via/g)).toHaveLength(1);
    lan.event('renew', LEASE);
    expect([lan.defaults(), lan.rows()]).toEqual([['default via 192.0.2.1 dev eth0 metric 1001'], ['uplink  192.0.2.15/24  eth0']]);
  });
});

describe.runIf(LAN)('options', () => {
  it('26, 15 and 119: MTU of card, bridge and container, and search domains', async () => {
    lan = new Lan(1);
    lan.write('usr/lib/container-os/bridges', 'cni0 cni0 0 10.22.0.0/16\nown own 1300 10.23.0.0/24\n');
    lan.container('web', 'cni0', '10.22.0.1/16');
    lan.container('db', 'own', '10.23.0.1/24');
    lan.serve(0, '192.0.2.1/24', `${PLAIN}\nopt mtu 1400\nopt domain ignored.example\nopt search lan example.org`);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    expect(lan.read('run/resolv.conf')).toBe('nameserver 192.0.2.1\nsearch lan example.org\n');
    const mtus = (): (string | undefined)[] => [mtuOf('show eth0'), mtuOf('show cni0'), mtuOf('show vweb'), mtuOf('show eth0', 'web'), mtuOf('show own')];
    await lan.until('the MTU', () => mtus()[3] === '1400');
    expect(mtus()).toEqual(['1400', '1400', '1400', '1400', '1500']);
    lan.container('late', 'cni0', '');
    lan.script('mtu', ['late']);
    expect(lan.os('ip link show vlate')).toContain('mtu 1400');
    lan.event('renew', LEASE);
    expect(mtus()).toEqual(['1500', '1500', '1500', '1500', '1500']);
  });

  it('15 alone is the search domain; an MTU out of bounds is refused and told', () => {
    lan = new Lan(1);
    for (const mtu of ['575', '9217', '1400 1500', '01x']) {
      lan.event('bound', { ...LEASE, domain: 'lan', mtu });
      expect([lan.read('run/resolv.conf'), mtuOf('show eth0')]).toEqual(['nameserver 192.0.2.1\nsearch lan\n', '1500']);
      expect(told()).toContain(`uplink eth0: MTU "${mtu}" is refused\n`);
    }
    lan.event('bound', { ...LEASE, mtu: '576' });
    expect(mtuOf('show eth0')).toBe('576');
    lan.event('bound', { ...LEASE, mtu: '9216' });
    expect(mtuOf('show eth0')).toBe('9216');
  });
});

describe.runIf(LAN)('a network of containers', () => {
  it.each([
    ['equal to', '10.22.5.15', '255.255.0.0', '10.22.0.0/16'],
    ['within', '10.22.5.15', '255.255.255.0', '10.22.5.0/24'],
    ['around', '10.1.2.3', '255.0.0.0', '10.0.0.0/8'],
  ])("the uplink's network is %s it: told everywhere, with what to change", (_, ip, subnet, network) => {
    lan = new Lan(1);
    lan.write('usr/lib/container-os/bridges', 'cni0 cni0 0 fd00::/64 10.22.0.0/16\nbackend inner 0 10.23.0.0/24\n');
    lan.event('bound', { ip, subnet, router: '10.22.5.1' });
    const fault = `network ${network} overlaps 10.22.0.0/16 of bridge cni0: containers and machines there do not reach one another; change "subnet" in the image's network list cni0, or the network of this card`;
    for (const place of [told(), lan.rows().join('\n'), lan.read('report'), lan.log]) expect(place).toContain(fault);
  });

  it('keeps its traffic, whatever routes a lease has', () => {
    lan = new Lan(1);
    lan.write('usr/lib/container-os/bridges', 'cni0 cni0 0 10.22.0.0/16\n');
    lan.container('web', 'cni0', '10.22.0.1/16');
    lan.event('bound', { ...LEASE, staticroutes: '10.22.0.0/16 192.0.2.1 10.22.0.3/32 0.0.0.0 10.0.0.0/8 192.0.2.1 0.0.0.0/0 10.22.0.2' });
    expect(lan.os('ip route get 10.22.0.3')).toContain('dev cni0');
    expect(lan.routes().filter((route) => route.includes('eth0'))).toEqual([
      '10.0.0.0/8 via 192.0.2.1 dev eth0 metric 1001',
      '192.0.2.0/24 dev eth0 scope link src 192.0.2.15 metric 1001',
    ]);
    expect(told().match(/^uplink eth0: .*it is refused$/gm)).toHaveLength(3);
  });
});

describe.runIf(LAN)('a hostile lease', () => {
  const EVIL = `evil\n$(touch ${'$'}{PWD}/owned)\`touch owned\`;touch owned\x1b]0;owned\x07\x1b[2J * /etc/*`;
  const PRINTABLE = /^[\n\x20-\x7e]*$/;

  it('reaches no shell, file, route or screen', () => {
    lan = new Lan(1);
    const routes = Array.from({ length: 300 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24 192.0.2.1`).join(' ');
    lan.event('bound', {
      ...LEASE,
      mtu: EVIL,
      dns: `${EVIL} 127.0.0.1 999.1.1.1 192.0.2.1`,
      domain: EVIL,
      search: `-x a_b ${'a'.repeat(64)}.b ok.example`,
      staticroutes: `${EVIL} ${routes}`,
    });
    expect(lan.os(`find ${lan.root} -name 'owned*'`)).toBe('');
    expect(lan.read('run/resolv.conf')).toBe('nameserver 192.0.2.1\nsearch ok.example\n');
    expect(lan.routes().length).toBeLessThanOrEqual(65);
    for (const place of [told(), lan.rows().join('\n'), lan.read('report'), lan.log]) expect(place).toMatch(PRINTABLE);
    expect(told().trim().split('\n').length).toBeLessThanOrEqual(9);
    expect(told()).toContain('routes: those after the first 64 are refused');
  });

  it.each([
    ['a newline', { ip: '192.0.2.15\n' }],
    ['a command', { ip: '$(reboot)' }],
    ['no host', { ip: '127.0.0.1' }],
    ['a group', { ip: '224.0.0.1' }],
    ['an octal number', { ip: '192.0.2.015' }],
    ['a mask with holes', { ip: '192.0.2.15', subnet: '255.0.255.0' }],
    ['a mask of nothing', { ip: '192.0.2.15', subnet: '0.0.0.0' }],
  ])('with %s for an address is refused as a whole, and told', (_, lease) => {
    lan = new Lan(1);
    lan.event('bound', { ...LEASE, ...lease });
    expect([lan.addresses(0), lan.routes(), lan.read('run/resolv.conf').trim()]).toEqual([[], [], '']);
    expect(told()).toMatch(/^uplink eth0: (address|mask) "[\w.?() ]+" is refused\n$/);
  });

  it('of a real server has no effect but a word of what is refused', async () => {
    lan = new Lan(1);
    const evil = Buffer.from('a b\n$(reboot)\x1b[2J').toString('hex');
    lan.serve(0, '192.0.2.1/24', `${PLAIN}\nopt 0x0f ${evil}\nopt mtu 99`);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    expect(lan.read('run/resolv.conf')).toBe('nameserver 192.0.2.1\n');
    await lan.until('what is refused', () => told().split('\n').length > 2);
    expect(told()).toBe('uplink eth0: MTU "99" is refused\nuplink eth0: search domain "bad" is refused\n');
  });
});

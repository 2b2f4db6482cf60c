// A real udhcpd, a real udhcpc and the kernel, in network namespaces: see uplink-lan.ts.
import { afterEach, describe, expect, it } from 'vitest';
import { LAN, Lan, LEASE, PLAIN } from './uplink-lan.ts';

let lan: Lan;
afterEach(() => lan.close());

const OTHER = 'opt subnet 255.255.255.0\nopt router 198.51.100.1\nopt dns 198.51.100.1\nopt lease 600';

describe.runIf(LAN)('of several cards', () => {
  it('one without a cable does not keep the other from its lease', async () => {
    lan = new Lan(2);
    lan.serve(1, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(1, '192.0.2.15/24'));
    expect(lan.rows()).toEqual(['uplink  192.0.2.15/24  eth1', 'uplink  no address  eth0: no cable']);
  });

  it('the first lease wins, the second has a higher metric and takes over when the cable of the first is out', async () => {
    lan = new Lan(2);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the first lease', lan.has(0, '192.0.2.15/24'));
    lan.serve(1, '198.51.100.1/24', OTHER);
    await lan.until('the second lease', lan.has(1, '198.51.100.15/24'));
    await lan.until('both', () => lan.defaults().length === 2);
    expect(lan.defaults()).toEqual(['default via 192.0.2.1 dev eth0 metric 1001', 'default via 198.51.100.1 dev eth1 metric 1002']);
    expect(lan.rows()).toEqual(['uplink  192.0.2.15/24  eth0, preferred: its lease came first', 'uplink  198.51.100.15/24  eth1, metric 1002: not preferred']);
    expect(lan.read('run/resolv.conf')).toBe('nameserver 192.0.2.1\nnameserver 198.51.100.1\n');
    lan.pull(0);
    await lan.until('the second alone', () => lan.read('run/resolv.conf') === 'nameserver 198.51.100.1\n', 10);
    expect([lan.addresses(0), lan.defaults(), lan.read('run/resolv.conf')]).toEqual([
      [],
      ['default via 198.51.100.1 dev eth1 metric 1002'],
      'nameserver 198.51.100.1\n',
    ]);
  });

  it('the one that the image names is preferred, whenever its lease comes; in one network too', () => {
    lan = new Lan(2);
    lan.write('etc/uplink', 'eth1\n');
    lan.event('bound', LEASE);
    lan.event('bound', { ...LEASE, ip: '192.0.2.16' }, 1);
    expect(lan.os('ip route get 192.0.2.77')).toContain('dev eth1 src 192.0.2.16');
    expect(lan.os('ip route get 203.0.113.1')).toContain('dev eth1 src 192.0.2.16');
    expect(lan.rows()).toEqual(['uplink  192.0.2.16/24  eth1, which the image names', 'uplink  192.0.2.15/24  eth0, metric 1001: not preferred']);
  });

  it('one that appears later has a lease too, and one that disappears leaves nothing', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.hide(0);
    lan.watch();
    await lan.until('no card', () => lan.rows().join() === 'uplink  no network card');
    lan.show(0);
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    lan.hide(0);
    await lan.until('no lease', () => lan.rows().join() === 'uplink  no network card' && lan.addresses(0).length === 0);
  });
});

describe.runIf(LAN)('the cable', () => {
  it('moved to another network: the address follows in seconds', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    lan.pull(0);
    lan.serve(0, '198.51.100.1/24', OTHER);
    await lan.until('the new address', () => lan.read('run/resolv.conf') === 'nameserver 198.51.100.1\n', 10);
    expect([lan.addresses(0), lan.defaults()]).toEqual([['198.51.100.15/24'], ['default via 198.51.100.1 dev eth0 metric 1001']]);
  });

  it('out for a moment, and back in the same network: nothing is touched', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    const seen = await lan.changes(async () => {
      lan.pull(0);
      lan.network('ip address add 192.0.2.1/24 dev lan0 2>/dev/null; true');
      lan.plug(0);
      await lan.until('another lease', () => lan.log.split('lease of').length > 2);
    });
    expect(seen.split('\n').filter((line) => /inet|via|src/.test(line))).toEqual([]);
  });

  it('moved to a network without a server: the old address goes', async () => {
    lan = new Lan(1);
    lan.serve(0, '192.0.2.1/24', PLAIN);
    lan.watch();
    await lan.until('the address', lan.has(0, '192.0.2.15/24'));
    lan.silence(0);
    lan.pull(0);
    lan.plug(0);
    await lan.until('no lease', () => lan.rows().join() === 'uplink  no address yet  eth0: no DHCP server has answered', 15);
    expect(lan.addresses(0)).toEqual([]);
  });
});

it.runIf(LAN)('a machine without a card is known as one at once', async () => {
  lan = new Lan(0);
  lan.watch();
  await lan.until('the row', () => lan.rows().join() === 'uplink  no network card', 3);
});

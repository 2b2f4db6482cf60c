import { build } from 'esbuild';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, parseSubnet } from '../src/networks/addresses.ts';
import { composeNetworks, listName, type ComposeNetwork, type Endpoints } from '../src/networks/index.ts';

type Bridge = { bridge: string; ipMasq?: boolean; portIsolation?: boolean; mtu?: number; ipam: { ranges: Record<string, string>[][]; routes?: object[] } };

/** The bridge of each network, by name. */
function bridges(networks: Record<string, ComposeNetwork | null>, endpoints: Endpoints = {}): Record<string, Bridge> {
  const { lists, faults } = composeNetworks(networks, endpoints);
  expect(faults).toEqual([]);
  return Object.fromEntries(lists.map(({ list }) => [list.name, list.plugins[0] as unknown as Bridge]));
}

const faults = (networks: Record<string, ComposeNetwork | null>, endpoints: Endpoints = {}): string[] =>
  composeNetworks(networks, endpoints).faults.map(({ path, message }) => `${path.join('.')}: ${message}`);

const joins = (networks: Endpoints[string]['networks'], containers = 1): Endpoints[string] => ({ networks, containers });
const A = { ipam: { config: [{ subnet: '10.5.0.0/16' }] } };
const subnets = (all: Record<string, Bridge>): string[] => Object.values(all).flatMap(({ ipam }) => ipam.ranges.map(([range]) => range?.['subnet'] ?? ''));

it.each([
  ['10.5.0.255', '10.5.0.255'],
  ['fd00:0:0:0:0:0:0:1', 'fd00::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1::', '1::'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ['FE80::00A', 'fe80::a'],
])('the address %s is written %s', (text, written) => {
  expect(formatAddress(parseAddress(text)!)).toBe(written);
});

it.each(['10.5.0', '10.5.0.256', '10.5.0.01', '1::2::3', '12345::', '1:2:3', '::10.0.0.300', 'x', ''])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

it.each(['10.5.0.1/16', '10.5.0.0', '10.5.0.0/33', 'fd00::1/64', 'fd00::/129', '/8'])('%j is no subnet', (text) => {
  expect(parseSubnet(text)).toBeUndefined();
});

describe('the networks of a Compose file', () => {
  it('are a bridge each; the default one is first, and an internal one has no way out and no published ports', () => {
    const { lists, firewall } = composeNetworks({ back: { internal: true }, default: null }, {});
    expect(lists.map(({ file, list }) => [file, list.name, list.plugins.map(({ type }) => type)])).toEqual([
      ['10-default.conflist', 'default', ['bridge', 'portmap']],
      ['11-back.conflist', 'back', ['bridge']],
    ]);
    expect(lists.map(({ list }) => (list.plugins[0] as unknown as Bridge).ipam.routes)).toEqual([[{ dst: '0.0.0.0/0' }], undefined]);
    expect(firewall).toContain('iifname { "cni0" } oifname != { "cni0", "cni1" } accept');
    expect(firewall).not.toContain('10.23.0.0');
  });

  it('have subnets that meet no other, given or not', () => {
    expect(subnets(bridges({ a: null, b: { ipam: { config: [{ subnet: '10.22.128.0/24' }] } }, c: null }))).toEqual([
      '10.23.0.0/16',
      '10.24.0.0/16',
      '10.22.128.0/24',
      '10.25.0.0/16',
    ]);
  });

  it('have the gateway and the range that the file says', () => {
    const config = [{ subnet: '10.5.0.0/16', gateway: '10.5.0.254', ip_range: '10.5.1.0/30' }];
    expect(bridges({ default: { ipam: { config } } })['default']?.ipam.ranges).toEqual([
      [{ subnet: '10.5.0.0/16', gateway: '10.5.0.254', rangeStart: '10.5.1.0', rangeEnd: '10.5.1.3' }],
    ]);
  });

  it('give nobody an address that a container asks for, or the file says is taken: trap 78', () => {
    const network = { ipam: { config: [{ subnet: '10.5.0.0/29', aux_addresses: { printer: '10.5.0.6' } }] } };
    const [ranges] = bridges({ default: network }, { web: joins({ default: { ipv4_address: '10.5.0.3' } }) })['default']!.ipam.ranges;
    expect(ranges?.map(({ rangeStart, rangeEnd }) => `${rangeStart}-${rangeEnd}`)).toEqual(['10.5.0.2-10.5.0.2', '10.5.0.4-10.5.0.5']);
    const full = { a: 2, b: 3, c: 4, d: 5 };
    const endpoints = Object.fromEntries(Object.entries(full).map(([name, byte]) => [name, joins({ default: { ipv4_address: `10.5.0.${byte}` } })]));
    // The gateway's own, which host-local gives nobody.
    expect(bridges({ default: network }, endpoints)['default']?.ipam.ranges[0]?.map(({ rangeStart }) => rangeStart)).toEqual(['10.5.0.1']);
  });

  it('have IPv6 where the file says so, with subnets of their own', () => {
    const config = [{ subnet: 'fd01::/64' }, { subnet: '10.5.0.0/16' }];
    const all = bridges({ a: { enable_ipv6: true }, b: { enable_ipv6: true, ipam: { config } }, c: { enable_ipv4: false, enable_ipv6: true } });
    expect(subnets(all)).toEqual(['10.22.0.0/16', '10.23.0.0/16', 'fd63:6f6e:7461:1::/64', '10.5.0.0/16', 'fd01::/64', 'fd63:6f6e:7461:3::/64']);
    expect(all['c']?.ipam.routes).toEqual([{ dst: '::/0' }]);
    expect(composeNetworks({ b: { ipam: { config } } }, {}).warnings).toMatchObject([{ path: ['networks', 'b', 'ipam', 'config', 0, 'subnet'] }]);
  });

  it("have Docker's options of a bridge: its name, MTU, who reaches whom, what address others see", () => {
    const options = { 'bridge.name': 'br0', 'driver.mtu': 1400, 'bridge.enable_icc': 'false', 'bridge.enable_ip_masquerade': 'false' };
    const driver_opts = Object.fromEntries(Object.entries(options).map(([key, value]) => [`com.docker.network.${key}`, value]));
    const { lists, firewall } = composeNetworks({ default: { driver_opts } }, {});
    expect(lists[0]?.list.plugins[0]).toMatchObject({ bridge: 'br0', mtu: 1400, portIsolation: true });
    expect(lists[0]?.list.plugins[0]).not.toHaveProperty('ipMasq');
    expect(firewall).toContain('iifname { "br0" } oifname != { "br0" } accept');
    expect(firewall).not.toContain('masquerade');
  });

  it('have names that CNI takes', () => {
    expect(['web', '_web', '.x', '-y', '9'].map(listName)).toEqual(['web', 'net_web', 'net.x', 'net-y', '9']);
  });

  it.each<[string, Record<string, ComposeNetwork | null>, string]>([
    ['a subnet twice', { a: A, b: A }, 'networks.b.ipam.config.0.subnet: 10.5.0.0/16 is the subnet of the network a'],
    [
      'a subnet in another',
      { a: A, b: { ipam: { config: [{ subnet: '10.5.1.0/24' }] } } },
      'networks.b.ipam.config.0.subnet: 10.5.1.0/24 overlaps 10.5.0.0/16, the subnet of the network a',
    ],
    [
      'two subnets of one family, which the bridge driver refuses too',
      { a: { ipam: { config: [{ subnet: '10.5.0.0/16' }, { subnet: '10.6.0.0/16' }] } } },
      'networks.a.ipam.config.1.subnet: the network has a subnet of IPv4 already',
    ],
    ['bits of a host', { a: { ipam: { config: [{ subnet: '10.5.0.7/16' }] } } }, 'networks.a.ipam.config.0.subnet: expected 10.5.0.0/16, got 10.5.0.7/16'],
    ['no subnet', { a: { ipam: { config: [{ subnet: 'x' }] } } }, 'networks.a.ipam.config.0.subnet: expected a subnet such as 10.5.0.0/16, got x'],
    [
      'a gateway alone',
      { a: { ipam: { config: [{ gateway: '10.5.0.1' }] } } },
      'networks.a.ipam.config.0.subnet: expected a subnet such as 10.5.0.0/16, got none',
    ],
    ['a subnet of one', { a: { ipam: { config: [{ subnet: '10.5.0.0/31' }] } } }, 'networks.a.ipam.config.0.subnet: 10.5.0.0/31 has no addresses'],
    [
      'a gateway outside',
      { a: { ipam: { config: [{ subnet: '10.5.0.0/16', gateway: '10.6.0.1' }] } } },
      'networks.a.ipam.config.0.gateway: expected an address of 10.5.0.0/16, got 10.6.0.1',
    ],
    [
      'a range outside',
      { a: { ipam: { config: [{ subnet: '10.5.0.0/16', ip_range: '10.4.0.0/15' }] } } },
      'networks.a.ipam.config.0.ip_range: expected a part of 10.5.0.0/16, got 10.4.0.0/15',
    ],
    ['a driver of the uplink', { a: { driver: 'macvlan' } }, "networks.a.driver: the driver macvlan would make containers machines of the uplink's network"],
    ['a driver without network', { a: { driver: 'host' } }, 'networks.a.driver: a network with the driver host has no addresses'],
    ['a driver of addresses', { a: { ipam: { driver: 'dhcp' } } }, 'networks.a.ipam.driver: the OS gives addresses itself, not by dhcp'],
    [
      'an option that bridges have not',
      { a: { driver_opts: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } } },
      'networks.a.driver_opts.com.docker.network.bridge.gateway_mode_ipv4: the OS has no such option of a bridge',
    ],
    [
      'the name of a card',
      { a: { driver_opts: { 'com.docker.network.bridge.name': 'eth0' } } },
      'networks.a.driver_opts.com.docker.network.bridge.name: expected a name of at most 15 characters',
    ],
    [
      'the bridge of another network',
      { a: { driver_opts: { 'com.docker.network.bridge.name': 'cni0' } } },
      'networks.a.driver_opts.com.docker.network.bridge.name: the network default has the bridge cni0',
    ],
    [
      'an MTU that is none',
      { a: { driver_opts: { 'com.docker.network.driver.mtu': 'big' } } },
      'networks.a.driver_opts.com.docker.network.driver.mtu: expected a number from 68 to 65535, got big',
    ],
  ])('with %s are refused, with the place', (_, networks, fault) => {
    expect(faults(networks)).toEqual([expect.stringContaining(fault)]);
  });
});

describe('what a service says of a network that it joins', () => {
  const web = 'services.web.networks.a';
  it.each<[string, Endpoints, string]>([
    ['an address outside the subnet', { web: joins({ a: { ipv4_address: '10.6.0.5' } }) }, `${web}.ipv4_address: 10.6.0.5 is not in the subnet 10.5.0.0/16`],
    ['that of the gateway', { web: joins({ a: { ipv4_address: '10.5.0.1' } }) }, `${web}.ipv4_address: 10.5.0.1 is the gateway of the network a`],
    ['that of everybody', { web: joins({ a: { ipv4_address: '10.5.255.255' } }) }, `${web}.ipv4_address: 10.5.255.255 is no address of a machine`],
    ['no address', { web: joins({ a: { ipv4_address: 'x' } }) }, `${web}.ipv4_address: expected an address, got x`],
    [
      'an address of a network without subnet',
      { web: joins({ default: { ipv4_address: '10.22.0.5' } }) },
      'services.web.networks.default.ipv4_address: an address needs a subnet',
    ],
    ['IPv6 where there is none', { web: joins({ a: { ipv6_address: 'fd00::5' } }) }, `${web}.ipv6_address: an address needs a subnet`],
    [
      "another service's address",
      { db: joins({ a: { ipv4_address: '10.5.0.5' } }), web: joins({ a: { ipv4_address: '10.5.0.5' } }) },
      `${web}.ipv4_address: 10.5.0.5 is the address of the service db`,
    ],
    [
      'one address of three containers',
      { web: joins({ a: { ipv4_address: '10.5.0.5' } }, 3) },
      `${web}.ipv4_address: the 3 containers of the service cannot all`,
    ],
    ['a MAC address of many', { web: joins({ a: { mac_address: '01:00:5e:00:00:01' } }) }, `${web}.mac_address: expected an address of one card`],
    ['the interface lo', { web: joins({ a: { interface_name: 'lo' } }) }, `${web}.interface_name: expected a name of its own`],
    [
      'one interface twice',
      { web: joins({ a: { interface_name: 'x' }, default: { interface_name: 'x' } }) },
      'services.web.networks.default.interface_name: expected a name of its own',
    ],
    ['a link-local address that is none', { web: joins({ a: { link_local_ips: ['y'] } }) }, `${web}.link_local_ips: expected addresses, got y`],
    ['options of the driver', { web: joins({ a: { driver_opts: { b: 1 } } }) }, `${web}.driver_opts.b: the OS has no options of a network for one service`],
  ])('is refused with its place: %s', (_, endpoints, fault) => {
    expect(faults({ a: A }, endpoints)).toEqual([expect.stringContaining(fault)]);
  });
});

it('needs no Node: a program of the OS makes networks in QuickJS', async () => {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, '../src/networks/index.ts')],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'silent',
  });
  expect(Object.keys(metafile.inputs).length).toBeGreaterThan(4);
});

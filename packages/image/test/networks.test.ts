import { describe, expect, it } from 'vitest';
import { inferred, infer, shop } from './shop.ts';

const service = (keys: string): string => `image: i, x-os: { rootfs: [busybox] }, command: [a]${keys === '' ? '' : `, ${keys}`}`;

/** What the bundle of the service `web` is told; other services with these keys are beside it, and `top` is below them. */
function web(keys: string, others: Record<string, string> = {}, top = ''): unknown {
  const lines = Object.entries({ web: keys.includes('container_name') ? keys : `container_name: web${keys === '' ? '' : `, ${keys}`}`, ...others }).map(
    ([name, of]) => `  ${name}: { ${service(of)} }\n`,
  );
  const targets = shop(`name: shop\nservices:\n${lines.join('')}${top}x-os: {}\n`);
  const { command: _, ...options } = targets['bundle-web']!.options.service as Record<string, unknown>;
  return options;
}

const NETWORKS = 'networks: { aa: , bb: , in: { internal: true } }\n';

describe('the networks of a service', () => {
  it('need no word where it is in the default one alone', () => {
    expect(web('')).toEqual({});
  });

  it('are joined by priority, then by name; the default route is by gw_priority, then by name: trap 73', () => {
    expect(web('networks: [bb, aa]', {}, NETWORKS)).toEqual({ networks: ['aa', 'bb'] });
    expect(web('networks: { bb: { priority: 1 }, aa: }', {}, NETWORKS)).toEqual({ networks: { aa: null, bb: { priority: 1 } } });
    expect(web('networks: { bb: { priority: 1, gw_priority: 1 }, aa: }', {}, NETWORKS)).toEqual({ networks: ['bb', 'aa'] });
  });

  it('have names, addresses and an interface of its own', () => {
    const keys =
      'networks: { aa: { aliases: [x], ipv4_address: 10.5.0.5, interface_name: lan, link_local_ips: [169.254.1.1] } }, mac_address: "02:42:0a:05:00:05"';
    expect(web(keys, {}, 'networks: { aa: { ipam: { config: [{ subnet: 10.5.0.0/16 }] } } }\n')).toEqual({
      networks: {
        aa: { aliases: ['x'], ipv4_address: '10.5.0.5', interface_name: 'lan', link_local_ips: ['169.254.1.1'], mac_address: '02:42:0a:05:00:05' },
      },
    });
  });

  it('have the name of the service besides that of the container', () => {
    expect(web('container_name: shop-web')).toEqual({ networks: { default: { aliases: ['web'] } } });
  });

  it("are Docker's own bridge, which is none of the file, those of the OS, with ports that have no effect (trap 72), or none", () => {
    expect(web('network_mode: bridge')).toEqual({ networks: ['bridge'] });
    expect(web('network_mode: host, ports: ["80:80"]')).toEqual({ network_mode: 'host', ports: ['80:80'] });
    expect(web('network_mode: none')).toEqual({ network_mode: 'none' });
  });

  it.each(['service:vpn', 'container:tunnel'])('are those of another one, which starts first: %s', (mode) => {
    expect(web(`network_mode: "${mode}"`, { vpn: 'container_name: tunnel' })).toMatchObject({
      network_mode: 'container:tunnel',
      depends_on: { tunnel: { condition: 'service_started' } },
    });
  });

  it('have links, whose names are local to the linker and which start first (trap 75), and extra_hosts with several addresses (trap 76)', () => {
    expect(web('links: ["db:foo", db], external_links: ["old:bar"]', { db: 'container_name: old' })).toMatchObject({
      links: ['old:foo', 'old:db', 'old:bar'],
      depends_on: { old: { condition: 'service_started' } },
    });
    expect(web('extra_hosts: ["b:::1", "c:[::2]", "a:1.1.1.1", "a=2.2.2.2", "h:host-gateway"]')).toEqual({
      extra_hosts: ['a=1.1.1.1', 'a=2.2.2.2', 'b=::1', 'c=::2', 'h=host-gateway'],
    });
  });

  it('publish ports on addresses of either IP version: trap 45', () => {
    expect(web('ports: ["[::1]:94:95", "127.0.0.1:53:53/udp"]')).toMatchObject({ ports: ['[::1]:94:95', '127.0.0.1:53:53/udp'] });
  });
});

const SUBNET = 'ipam: { config: [{ subnet: 10.5.0.0/16 }] }';

it.each<[string, string, string, string]>([
  ['a subnet twice', 'networks: [a, b]', `networks:\n  a: { ${SUBNET} }\n  b: { ${SUBNET} }\n`, '6:35: networks.b.ipam.config[0].subnet: 10.5.0.0/16 is the'],
  [
    'an address outside: trap 78',
    'networks: { a: { ipv4_address: 10.6.0.5 } }',
    `networks: { a: { ${SUBNET} } }\n`,
    '3:94: services.web.networks.a.ipv4_address: 10.6.0.5',
  ],
  ['a mode that is none: trap 71', 'network_mode: bogus', '', '3:77: services.web.network_mode: expected bridge, none, host'],
  ['a container that is not there', 'network_mode: "container:x"', '', '3:77: services.web.network_mode: no service has the container_name x'],
  ['a link to the outside', 'external_links: [x]', '', 'services.web.external_links: no service has the container_name x'],
  ['ports of a container that has none', 'network_mode: "service:db", ports: ["80:80"]', '', 'services.web.ports: the service uses the interfaces of'],
  ['a protocol', 'ports: ["5:5/sctp"]', '', 'services.web.ports[0]: the OS publishes tcp and udp, not sctp'],
  ['a driver', 'networks: [a]', 'networks: { a: { driver: macvlan } }\n', 'networks.a.driver: the driver macvlan'],
])('%s is refused with file, line and way out', (_, keys, top, message) => {
  const compose = `services:\n  db: { ${service('')} }\n  web: { ${service(keys)} }\n${top}x-os: {}\n`;
  expect(() => infer(compose)).toThrow(/^NETWORK_INVALID: os-images\/shop\/compose.yaml:\d+:\d+: /);
  expect(() => infer(compose)).toThrow(message);
  expect(() => infer(compose)).toThrow(/\n {2}hint: {2}\S/);
});

it('an address taken twice names the other service: trap 78', () => {
  const keys = 'networks: { a: { ipv4_address: 10.5.0.5 } }';
  expect(() => infer(`services:\n  db: { ${service(keys)} }\n  web: { ${service(keys)} }\nnetworks: { a: { ${SUBNET} } }\nx-os: {}\n`)).toThrow(
    'services.web.networks.a.ipv4_address: 10.5.0.5 is the address of the service db',
  );
});

it('an option that changes nothing is told, and an external network is made', () => {
  const { projects, warnings } = inferred(`services: { web: { ${service('networks: [a]')} } }\nnetworks: { a: { external: true }, b: }\nx-os: {}\n`);
  const lists = projects['os-images/shop']!.targets!['system']!.options.networks as { file: string }[];
  expect(lists.map(({ file }) => file)).toEqual(['10-default.conflist', '11-a.conflist']);
  expect(warnings).toEqual([]);
  const other = inferred(`services: { web: { ${service('networks: [a]')} } }\nnetworks: { a: { driver_opts: { foo: bar } } }\nx-os: {}\n`);
  expect(other.warnings).toEqual(['os-images/shop/compose.yaml:2:38: networks.a.driver_opts.foo: a bridge has no such option: it changes nothing']);
});

it('with CNI lists of the image, what the file says of networks is for Docker', () => {
  const compose = `services: { web: { ${service('networks: { a: { aliases: [x] } }')} } }\nnetworks: { a: { driver: macvlan } }\nx-os: { cni: [a.conflist] }\n`;
  expect(shop(compose, { 'os-images/shop/a.conflist': '{}' })['bundle-web']!.options.service).toMatchObject({ networks: { a: { aliases: ['web', 'x'] } } });
});

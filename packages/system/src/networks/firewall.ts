import { subnetsOf, type NetworkList } from './list.ts';

/** A bridge of the image, with what the packet filter needs of it. */
interface Bridge {
  name: string;
  /** Subnets that are masqueraded on their way out. */
  masquerade: string[];
  /** Whether the network reaches the uplink. */
  outward: boolean;
}

/** Loads the table anew. */
const TABLE = `# Made of the network lists by @container-os/system.
table inet container_os
delete table inet container_os
table inet container_os {
`;

/** For networks of other plugins, whose interfaces in the OS are named veth…: nothing is forwarded between two network cards. */
const NO_BRIDGE = `${TABLE}  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname != "veth*" oifname != "veth*" drop
  }
}
`;

/**
 * The packet filter between the networks `lists`, as a file for `nft -f`, which loads it whole or not at all; undefined
 * if there are none: the OS then forwards nothing. Containers of a bridge reach one another and, if its list has "ipMasq" or a
 * default route, the networks beyond the uplink, but no other bridge and no service of the OS. From the uplink, only published ports reach them.
 * Nothing is forwarded between two network cards.
 */
export function firewallRules(lists: readonly NetworkList[]): string | undefined {
  const bridges = bridgesOf(lists);
  if (lists.length === 0) return undefined;
  if (bridges.length === 0) return NO_BRIDGE;
  const all = setOf(bridges.map(({ name }) => name));
  const outward = bridges.filter((bridge) => bridge.outward);
  return `${TABLE}  # Port mappings of 127.0.0.1 make it routable: drop what comes that way from outside.
  chain loopback {
    type filter hook prerouting priority raw; policy accept;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
  }
  # Containers reach nothing of the OS itself but their own gateway, by ping.
  chain input {
    type filter hook input priority filter; policy accept;
    iifname != ${all} accept
    ct state established,related accept
    icmp type echo-request fib daddr . iif type local accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, echo-request } accept
    drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
${bridges.map(({ name }) => `    iifname "${name}" oifname "${name}" accept\n`).join('')}    iifname != ${all} oifname ${all} ct status dnat accept
${outward.length > 0 ? `    iifname ${setOf(outward.map(({ name }) => name))} oifname != ${all} accept\n` : ''}  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
${outward
  .flatMap(({ masquerade }) => masquerade)
  .map((subnet) => `    ${subnet.includes(':') ? 'ip6' : 'ip'} saddr ${subnet} oifname != ${all} masquerade\n`)
  .join('')}  }
}
`;
}

function bridgesOf(lists: readonly NetworkList[]): Bridge[] {
  const byName = new Map<string, Bridge>();
  for (const plugin of lists.flatMap(({ plugins }) => plugins).filter(({ type }) => type === 'bridge')) {
    const name = String(plugin['bridge'] ?? 'cni0');
    const { masquerade = [], outward = false } = byName.get(name) ?? {};
    const masquerades = plugin['ipMasq'] === true;
    byName.set(name, {
      name,
      masquerade: [...masquerade, ...(masquerades ? subnetsOf(plugin) : [])],
      outward: outward || masquerades || hasDefaultRoute(plugin),
    });
  }
  return [...byName.values()];
}

function hasDefaultRoute({ ipam }: Record<string, unknown>): boolean {
  const { routes = [] } = (ipam ?? {}) as { routes?: { dst?: string }[] };
  return routes.some(({ dst = '' }) => /^[0:.]+\/0$/.test(dst));
}

function setOf(names: readonly string[]): string {
  return `{ ${names.map((name) => `"${name}"`).join(', ')} }`;
}

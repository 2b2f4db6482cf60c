import { describe, expect, it } from 'vitest';
import { firewallRules } from '../src/networks/firewall.ts';
import type { NetworkList } from '../src/networks/list.ts';

const list = (name: string, bridge: Record<string, unknown>): NetworkList => ({
  cniVersion: '1.0.0',
  name,
  plugins: [{ type: 'bridge', bridge: name, ...bridge }],
});
const WAY_OUT = list('cni0', { ipMasq: true, ipam: { type: 'host-local', subnet: '10.22.0.0/16' } });
const INNER = list('backend', { ipam: { type: 'host-local', subnet: '10.23.0.0/24' } });

/** The rules of a chain, without its declaration. */
function chain(name: string, lists: NetworkList[]): string[] {
  const [, body = ''] = new RegExp(`chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(firewallRules(lists) ?? '') ?? [];
  return body
    .split('\n')
    .map((line) => line.trim())
    .slice(1);
}

describe('the packet filter', () => {
  it('forwards within a bridge, from one with a way out to the uplink, and from there to a published port', () => {
    expect(firewallRules([WAY_OUT, INNER])).toContain('type filter hook forward priority filter; policy drop;');
    expect(chain('forward', [WAY_OUT, INNER])).toEqual([
      'ct state established,related accept',
      'ct state invalid drop',
      'iifname "cni0" oifname "cni0" accept',
      'iifname "backend" oifname "backend" accept',
      'iifname != { "cni0", "backend" } oifname { "cni0", "backend" } ct status dnat accept',
      'iifname { "cni0" } oifname != { "cni0", "backend" } accept',
    ]);
  });

  it('masquerades what leaves a subnet for the uplink, of either IP version', () => {
    const both = list('cni0', { ipMasq: true, ipam: { ranges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]] } });
    expect(chain('postrouting', [both])).toEqual([
      'ip saddr 10.1.0.0/24 oifname != { "cni0" } masquerade',
      'ip6 saddr fd00::/64 oifname != { "cni0" } masquerade',
    ]);
    expect(chain('postrouting', [INNER])).toEqual([]);
  });

  it('takes two lists of one bridge for one', () => {
    const rules = firewallRules([WAY_OUT, { ...WAY_OUT, name: 'other' }]);
    expect(rules).toContain('iifname != { "cni0" } accept');
  });

  it('without a bridge keeps network cards apart, whose names do not begin as those of containers', () => {
    expect(chain('forward', [{ cniVersion: '1.0.0', name: 'a', plugins: [{ type: 'ptp' }] }])).toEqual(['iifname != "veth*" oifname != "veth*" drop']);
  });

  it('is not there without a network: then nothing is forwarded', () => {
    expect(firewallRules([])).toBeUndefined();
  });
});

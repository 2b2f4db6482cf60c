/** A CNI network list, as the option `networks` of system takes it besides files of the image. */
export interface NetworkList {
  /** In /etc/cni/net.d, where lists are ordered by their names. */
  file: string;
  list: { cniVersion: string; name: string; plugins: object[] };
}

/** A network of a Compose file. */
export interface Network {
  name: string;
  /** Without a way out. */
  internal?: boolean;
}

/**
 * A bridge with addresses for each network and, unless it is internal, a way out and published ports. The first network is Compose's default.
 *
 * @example
 * bridgeLists([{ name: 'default' }, { name: 'backend' }]); // 10.22.0.0/16 on cni0, 10.23.0.0/16 on cni1
 */
export function bridgeLists(networks: readonly Network[]): NetworkList[] {
  return networks.map(({ name, internal = false }, index) => {
    const ipam = { type: 'host-local', subnet: `10.${22 + index}.0.0/16`, dataDir: '/run/container-os/cni' };
    const bridge = { type: 'bridge', bridge: `cni${index}`, isGateway: true };
    const open = [
      { ...bridge, ipMasq: true, ipam: { ...ipam, routes: [{ dst: '0.0.0.0/0' }] } },
      { type: 'portmap', backend: 'nftables', capabilities: { portMappings: true } },
    ];
    return {
      file: `${String(10 + index)}-${name}.conflist`,
      // No list is called "default": that is the first one, whatever its name.
      list: { cniVersion: '1.0.0', name: index === 0 ? 'cni0' : name, plugins: internal ? [{ ...bridge, ipam }] : open },
    };
  });
}

/** A network list of the CNI specification; the script cni of the OS uses these fields. */
export interface NetworkList {
  cniVersion: string;
  name: string;
  plugins: ({ type: string } & Record<string, unknown>)[];
}

/** A range of the plugin host-local. */
export interface Range {
  subnet: string;
  rangeStart?: string;
  rangeEnd?: string;
  gateway?: string;
}

/** Sets of ranges of host-local, in either of the plugin's two notations: a container gets an address of each set. */
export function rangesOf({ ipam }: Record<string, unknown>): Range[][] {
  const { subnet, rangeStart, rangeEnd, gateway, ranges = [] } = (ipam ?? {}) as Partial<Range> & { ranges?: Range[][] };
  const alone = Object.fromEntries(Object.entries({ subnet, rangeStart, rangeEnd, gateway }).filter(([, value]) => value !== undefined)) as unknown as Range;
  return [...(subnet === undefined ? [] : [[alone]]), ...ranges];
}

/** The subnets of a plugin's addresses. */
export function subnetsOf(plugin: Record<string, unknown>): string[] {
  return [...new Set(rangesOf(plugin).flatMap((ranges) => ranges.map(({ subnet }) => subnet)))];
}

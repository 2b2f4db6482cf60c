import type { Service } from './service.ts';

/** The networks that a service joins, with what it says of each. */
export type Networks = readonly (readonly [string, { readonly priority?: number | bigint | undefined } | null | undefined])[];

/** Networks in the order in which Compose attaches them: by priority, then by name. The one that every service is in by itself needs no word. */
export function networksOf({ network_mode: mode, ports, dns, dns_search, dns_opt }: Service, networks: Networks): object {
  const sorted = [...networks].sort(([a, one], [b, two]) => Number(two?.priority ?? 0) - Number(one?.priority ?? 0) || (a < b ? -1 : 1));
  const names = sorted.map(([name]) => name);
  const joined = names.length === 0 || (names.length === 1 && names[0] === 'default') ? {} : { networks: names };
  return { ...(mode === undefined ? joined : { network_mode: mode }), ports: ports?.map(portText), dns, dns_search, dns_opt };
}

/** The short form: `127.0.0.1:8080:80/udp`. */
export function portText({ target, published, protocol = 'tcp', host_ip }: NonNullable<Service['ports']>[number]): string {
  return `${host_ip === undefined ? '' : `${host_ip}:`}${published ?? target}:${target}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

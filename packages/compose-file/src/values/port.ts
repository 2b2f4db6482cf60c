import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';
import { isIp } from './ip.ts';

/** One entry of `ports` in its long form. */
export interface Port {
  readonly mode: 'ingress';
  readonly host_ip?: string;
  readonly target: number;
  /** A port, or a range of which any free one is taken; absent: any free port. */
  readonly published?: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * A short form of `ports`, `[[address:]published:]target[/protocol]`: one entry for each target of a range. Ranges of equal length go in pairs; a range for one
 * target stays a range.
 *
 * @example
 * parsePort('127.0.0.1:90-91:80-81/udp', place);
 */
export function parsePort(text: string, place: Place): Port[] {
  const fail = (reason: string, hint = 'Write [address:]published:target[/protocol], such as 8080:80 or 127.0.0.1:53:53/udp.'): never => {
    throw new ComposeError('COMPOSE_PORT', place, `port "${text}": ${reason}`, { hint });
  };
  const range = (part: string, what: string): Range => parseRange(part) ?? fail(`expected ${what} from 0 to 65535 or a range of two, got "${part}"`);

  const [ports = '', protocol = '', ...more] = text.split('/');
  if (more.length > 0) fail('expected one protocol');
  const lower = protocol.toLowerCase() || 'tcp';
  if (lower !== 'tcp' && lower !== 'udp' && lower !== 'sctp') return fail(`expected tcp, udp or sctp after the /, got "${protocol}"`);

  const [, address = '', published = '', target = ''] = /^(?:(?:(.*):)?([^:]*):)?([^:]*)$/s.exec(ports)!;
  const host = /^\[(.*)\]$/s.exec(address)?.[1] ?? address;
  if (address.includes(':') && host === address) fail(`expected an address, got "${address}"`, 'Write an IPv6 address in brackets: [::1]:8080:80.');
  if (host !== '' && !isIp(host)) fail(`expected an IP address, got "${address}"`, 'Write an IP address of the host, not a name.');
  const targets = range(target, 'a port of the container');
  if (targets.first === 0) fail('0 is no port of a container');
  const base = { mode: 'ingress', ...(host && { host_ip: host }), protocol: lower } as const;
  if (published === '') return numbers(targets).map((port) => ({ ...base, target: port }));
  const publishes = range(published, 'a port of the host');
  const [count, wanted] = [publishes.last - publishes.first, targets.last - targets.first];
  if (wanted === 0) {
    const any = count === 0 ? String(publishes.first) : `${publishes.first}-${publishes.last}`;
    return [{ ...base, target: targets.first, published: any }];
  }
  if (count !== wanted) fail(`${count + 1} ports of the host for ${wanted + 1} of the container`, 'Write two ranges of one length.');
  return numbers(targets).map((port) => ({ ...base, target: port, published: String(publishes.first + port - targets.first) }));
}

function parseRange(text: string): Range | undefined {
  const [, low, high] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [first, last] = [Number(low), Number(high ?? low)];
  return last < 65536 && first <= last ? { first, last } : undefined;
}

/** In the order of the reference: as texts, 10 before 9. */
function numbers({ first, last }: Range): number[] {
  const texts = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  return texts.sort().map(Number);
}

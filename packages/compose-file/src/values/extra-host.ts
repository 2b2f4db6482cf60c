import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';

/**
 * An item of `extra_hosts`: `name=address` or `name:address`; an IPv6 address may stand in brackets, and several addresses between commas. Whether they are
 * addresses is not checked: `host-gateway` is none.
 */
export function parseExtraHost(text: string, place: Place): { name: string; addresses: string[] } {
  const separator = text.includes('=') ? '=' : ':';
  const at = text.indexOf(separator);
  const name = text.slice(0, Math.max(at, 0));
  if (name === '' || name.includes(':'))
    throw new ComposeError('COMPOSE_HOST', place, `expected name=address, got "${text}"`, { hint: 'Write a name and an address: db=10.0.0.2.' });
  return {
    name,
    addresses: text
      .slice(at + 1)
      .split(',')
      .map(bareAddress),
  };
}

/** The address without the brackets around it, if it has both. */
export function bareAddress(address: string): string {
  return /^\[(.+)\]$/s.exec(address)?.[1] ?? address;
}

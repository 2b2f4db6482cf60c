import { readHostTools, requireHostTools } from '@container-os/core';
import type { Channel } from './receipt.ts';

const all = readHostTools(import.meta.url, '../host-tools.json');
const OF_DEBIAN = ['apt', 'dpkg', 'debian-archive-keyring'];

/** Passes when the host has what `channel` needs: `upstream` builds where there is no apt. */
export function requireTools(channel: Channel, neededBy: string): Promise<void> {
  const needed = Object.entries(all).filter(([, name]) => channel === 'debian' || !OF_DEBIAN.includes(name));
  return requireHostTools(Object.fromEntries(needed), neededBy);
}

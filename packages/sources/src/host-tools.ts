import { requireTools } from '@container-os/core';
import type { Channel } from './receipt.ts';

/** Passes when the host has what `channel` needs beside the recipe's tools: `upstream` builds where there is no apt. */
export function requireChannelTools(channel: Channel, neededBy: string): void {
  if (channel === 'debian') requireTools({ utilities: ['apt-get', 'apt-cache', 'apt-config', 'dpkg-deb', 'debian-archive-keyring'] }, neededBy);
}

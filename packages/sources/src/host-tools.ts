import { requireTools } from '@container-os/core';
import type { Channel } from './receipt.ts';

/** Passes when the host can look current versions up in Debian's index, which takes apt. What is pinned is fetched without it. */
export function requireApt(channel: Channel, neededBy: string): void {
  if (channel === 'debian') requireTools({ utilities: ['apt-get', 'apt-cache', 'debian-archive-keyring', 'gpgv'] }, neededBy);
}

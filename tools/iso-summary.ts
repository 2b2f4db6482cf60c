// The end of npm run iso: where the ISO lies and what to do with it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, sha256File } from '@container-os/core';
import { bootElsewhere } from '@container-os/qemu';
import { root } from './files.ts';

const iso = 'dist/os-images/demo-os/demo-os.iso';
const { size } = await stat(join(root, iso));

console.log(`
${iso}
  size    ${formatBytes(size)}
  sha256  ${await sha256File(join(root, iso))}

Boot it here:         npx nx run demo-os:run
Check it:             npx nx run demo-os:qemu-test
Boot it elsewhere:    ${bootElsewhere(iso)}
Write it to a stick:  sudo dd if=${iso} of=/dev/sdX bs=4M conv=fsync    (all data on sdX is lost)
`);

import { bootElsewhere } from '@container-os/qemu';

export interface NextStep {
  what: string;
  command: string;
  note?: string;
}

/** What the end of `npm run iso` tells to do with an image, whose ISO lies at `iso`. */
export function nextSteps(image: string, iso: string): NextStep[] {
  return [
    { what: 'Boot it here:', command: `npx nx run ${image}:run` },
    { what: 'Check it:', command: `npx nx run ${image}:qemu-test` },
    { what: 'Boot it elsewhere:', command: bootElsewhere(iso) },
    { what: 'Write it to a stick:', command: `sudo dd if=${iso} of=/dev/sdX bs=4M conv=fsync`, note: '(all data on sdX is lost)' },
  ];
}

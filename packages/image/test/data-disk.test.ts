import { expect, it } from 'vitest';
import { shop, WEB } from './shop.ts';

it('an image has a data disk for what its services keep, without being asked', () => {
  const withVolume = (xOs: string): ReturnType<typeof shop> =>
    shop(`services: { a: { image: i, x-os: { rootfs: [b] }, volumes: ["data:/data"] } }\nvolumes: { data: }\nx-os: ${xOs}\n`);
  expect(withVolume('{}')['system']!.options).toMatchObject({ dataDisk: 'create' });
  expect(withVolume('{}')['run']!.options).toMatchObject({ disk: 1024 });
  expect(withVolume('{ dataDisk: use, disk: 8 }')['qemu-test--direct']!.options).toMatchObject({ disk: 8 });
  expect(withVolume('{ dataDisk: use, disk: 8 }')['system']!.options).toMatchObject({ dataDisk: 'use' });
  // An OCI image may have volumes of its own.
  expect(shop('services: { a: { image: i } }\nx-os: {}\n')['run']!.options).toMatchObject({ disk: 1024 });
  expect(shop('services: { a: { image: i, x-os: { rootfs: [b] }, volumes: ["/data"] } }\nx-os: {}\n')['run']!.options).toMatchObject({ disk: 1024 });
  expect(shop(`${WEB}x-os: {}\n`)['run']!.options ?? {}).not.toHaveProperty('disk');
});

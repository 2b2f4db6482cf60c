import { run } from '@container-os/core';

/** The tools that decide the bytes of the image, with their versions. */
export async function toolchain(): Promise<Record<string, string>> {
  return {
    grub: await version(['grub-mkimage', '--version']),
    mtools: await version(['mformat', '--version']),
    xorriso: await version(['xorriso', '--version']),
  };
}

async function version(argv: [string, ...string[]]): Promise<string> {
  const { stdout } = await run(argv);
  return /\d+\.\d\S*/.exec(stdout)?.[0] ?? 'unknown';
}

import { run } from '@container-os/core';

/** Of Debian's musl-dev. */
const HEADERS = '/usr/include/x86_64-linux-musl';

/** For linking: gcc's specs of Debian's musl-dev, which musl-gcc uses as well. */
export const MUSL_SPECS = '/usr/lib/x86_64-linux-musl/musl-gcc.specs';

/**
 * gcc's flags to compile for musl, as musl-gcc does. Not musl-gcc itself: it is a script, whose content tells ccache nothing of the compiler,
 * and distcc would keep each object on this machine for the sake of the specs, which only the link needs.
 */
export async function muslFlags(): Promise<string[]> {
  const { stdout } = await run(['gcc', '-print-file-name=include']);
  return ['-nostdinc', '-isystem', HEADERS, '-isystem', stdout.trim()];
}

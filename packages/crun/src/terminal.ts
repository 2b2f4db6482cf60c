import { BuildError } from '@container-os/core';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const WAIT = '\nwait_for_process (struct wait_for_process_args *args, libcrun_error_t *err)\n{\n';
const END = 'return container_exit_code;';

/** Copies what the terminal still holds. EIO: no process has the other end open; EAGAIN: one has, and has printed nothing more. */
const DRAIN = `
static int
container_os_drain (int terminal, int code)
{
  char text[4096], *at;
  ssize_t length, written;

  if (terminal < 0 || fcntl (terminal, F_SETFL, fcntl (terminal, F_GETFL) | O_NONBLOCK) < 0)
    return code;
  while ((length = TEMP_FAILURE_RETRY (read (terminal, text, sizeof (text)))) > 0)
    for (at = text; length > 0; at += written, length -= written)
      {
        written = write (1, at, length);
        if (written < 0 && errno != EAGAIN && errno != EINTR)
          return code;
        if (written < 0)
          {
            written = 0;
            usleep (1000);
          }
      }
  return code;
}

static int`;

/**
 * Mends crun up to 1.21 in a copy of its tree: when the program of \`crun exec --tty\` has ended, crun ends without a look at what the program has
 * printed last, and all of it is lost if the program was quick.
 *
 * @throws BuildError CRUN_UNUSABLE for a crun whose function is another one
 */
export async function drainTerminal(crun: string): Promise<void> {
  const file = join(crun, 'src/libcrun/container.c');
  const text = await readFile(file, 'utf8');
  const [before = '', rest] = text.split(`static int${WAIT}`);
  const end = rest?.indexOf('\n}\n') ?? -1;
  const body = rest?.slice(0, end) ?? '';
  if (end < 0 || body.split(END).length !== 3)
    throw new BuildError('CRUN_UNUSABLE', `${file}: wait_for_process ends in other places than in crun 1.21`, {
      hint: 'Look whether this crun prints all that a quick program at a terminal prints, and delete or adapt packages/crun/src/terminal.ts.',
    });
  const drained = body.replaceAll(END, 'return container_os_drain (args->terminal_fd, container_exit_code);');
  await writeFile(file, `${before}${DRAIN.slice(1)}${WAIT}${drained}${rest!.slice(end)}`);
}

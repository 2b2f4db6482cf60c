import type { Settings } from '../config/config.ts';
import { startServer } from '../server.ts';

/** Serves until SIGTERM or SIGINT; a second signal ends at once. */
export async function serve(settings: Settings): Promise<number> {
  const server = await startServer(settings);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  return 0;
}

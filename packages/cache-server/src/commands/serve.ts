import type { Settings } from '../config/config.ts';
import { startServer } from '../server.ts';

/** The command `serve`. Ends on SIGTERM or SIGINT with the grace period, on a second signal at once. */
export async function serve(settings: Settings): Promise<number> {
  const server = await startServer(settings);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  return 0;
}

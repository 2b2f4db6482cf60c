import type { Settings } from '../config/config.ts';
import { formatAge, formatSize, parseDuration, parseSize } from '../config/units.ts';
import { sweep } from '../house-keeping/evict.ts';
import { stats } from '../house-keeping/stats.ts';
import { verify } from '../house-keeping/verify.ts';
import { openStore } from '../open-store.ts';

/** The command `stats`. */
export async function printStats(settings: Settings): Promise<number> {
  const found = await stats(await openStore(settings));
  const rows = found.map(({ namespace, entries, bytes, oldestUse }) => {
    return [namespace, String(entries), formatSize(bytes), `${formatAge(Date.now() - Date.parse(oldestUse))} ago`];
  });
  const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  const limit = parseSize(settings.maxSize);
  return print(
    settings,
    { namespaces: found, bytes: total, maxSize: limit },
    () => `${table([['namespace', 'entries', 'size', 'oldest use'], ...rows])}\n${formatSize(total)} of ${limit === 0 ? 'unlimited' : formatSize(limit)}`,
  );
}

/** The command `verify`. Returns 1 when an entry is corrupt. */
export async function printVerify(settings: Settings): Promise<number> {
  const found = await verify(await openStore(settings), settings.delete);
  const rows = found.corrupt.map(({ key, reason, deleted }) => [key.namespace, key.hash, deleted ? 'deleted' : 'corrupt', reason]);
  const list = rows.length > 0 ? `${table(rows)}\n` : '';
  print(settings, found, () => `${list}checked ${found.entries} entries (${formatSize(found.bytes)}): ${rows.length} corrupt`);
  return rows.length > 0 ? 1 : 0;
}

/** The command `gc`. */
export async function printSweep(settings: Settings): Promise<number> {
  const limits = { maxSize: parseSize(settings.maxSize), maxAge: parseDuration(settings.maxAge) };
  const found = await sweep(await openStore(settings), limits, new Date());
  return print(settings, found, () => {
    const stuck = found.stuck === undefined ? '' : `; some could not be deleted: ${found.stuck}`;
    return `evicted ${found.evicted} entries (${formatSize(found.evictedBytes)}), kept ${found.entries} (${formatSize(found.bytes)})${stuck}`;
  });
}

function print({ json }: Settings, result: unknown, text: () => string): number {
  process.stdout.write(`${json ? JSON.stringify(result) : text()}\n`);
  return 0;
}

/** Aligns `rows` in columns. */
export function table(rows: string[][]): string {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

import type { Lock } from '../lock.ts';

/** What differs between two locks of one channel, a line each: versions, then files added and removed. */
export function describeChanges(before: Lock, after: Lock): string[] {
  return Object.entries(after.sources).flatMap(([name, pin]) => {
    const old = before.sources[name];
    const files = (one: typeof old): Map<string, string> => new Map((one?.files ?? []).map((file) => [file.sha256, file.name]));
    const [was, is] = [files(old), files(pin)];
    const removed = [...was].filter(([sha256]) => !is.has(sha256)).map(([sha256, file]) => `  - ${file} ${sha256}`);
    const added = [...is].filter(([sha256]) => !was.has(sha256)).map(([sha256, file]) => `  + ${file} ${sha256}`);
    if (removed.length + added.length === 0) return [];
    return [`${name}: ${old?.version ?? 'none'} → ${pin.version}`, ...removed, ...added];
  });
}

import { diskFull } from '@container-os/core';

/** `DISK_FULL` when `error` is a write, of ours or of a tool, that found no space below `directory`; else `error` itself. */
export function explainDiskFull(error: unknown, directory: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  // tar tells a short write, which is how a full disk begins, as "Wrote only 1024 of 10240 bytes".
  const byTool = code === 'COMMAND_FAILED' && /No space left on device|Disk quota exceeded|Wrote only \d+ of \d+ bytes/.test((error as Error).message);
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && !byTool) return error;
  return diskFull(error, [directory]);
}

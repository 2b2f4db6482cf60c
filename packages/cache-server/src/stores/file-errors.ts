import { StoreFullError, StoreUnavailableError, UnreadableEntryError } from './store.ts';

const HINTS: Record<string, string> = {
  EMFILE: 'too many open files: raise the limit (ulimit -n) or lower maxConnections',
  ENFILE: 'too many open files on this machine',
  EXDEV: 'entries/ and incoming/ must be on one file system',
  EPERM: 'the operation is not permitted, or the file system has no hard links: use another file system',
  EACCES: 'permission denied: it must belong to the user that runs the server',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'part of the path is not a directory',
  ELOOP: 'the entry is a symbolic link',
  ENOENT: 'the directory of the store was removed',
  ENXIO: 'it is a socket or device',
  ESTALE: 'the network file system lost it: mount it again',
  EIO: 'the disk has a fault: see the kernel log',
};

/** Errors that one file or directory has while the store works. */
const OF_ONE_ENTRY = ['EACCES', 'EPERM', 'EIO', 'ELOOP', 'ENOTDIR', 'ENXIO'];

/** Why one file or directory cannot be read while the others can; undefined for other errors. */
export function reasonOfOneEntry(error: unknown): string | undefined {
  const code = codeOf(error) ?? '';
  return OF_ONE_ENTRY.includes(code) ? HINTS[code] : undefined;
}

/** An error that does not keep from the other entries is one of the entry. */
export function ofOneEntry(what: string, cause: unknown): unknown {
  const reason = reasonOfOneEntry(cause);
  return reason === undefined ? cause : new UnreadableEntryError(`cannot ${what}: ${reason}`, { cause });
}

/** Gives errors of the system their meaning for a store; others, such as those of a body, pass as they are. */
export async function explained<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = codeOf(cause) ?? '';
    if (isFull(cause)) throw new StoreFullError(`no space left to ${what}`, { cause });
    if (HINTS[code]) throw new StoreUnavailableError(`cannot ${what}: ${HINTS[code]}`, { cause });
    throw cause;
  }
}

export async function ifThere<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

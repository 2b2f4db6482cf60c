import { BuildError } from '@container-os/core/errors';
import { TRAILER } from './newc.ts';

/** Linux's PATH_MAX: the most bytes of a path or a symlink's target, with its NUL. */
export const PATH_MAX = 4096;
const NAME_MAX = 255;

/**
 * Refuses, with `CPIO_PATH_INVALID`, a path that the kernel would unpack elsewhere or silently skip. `where` is put
 * before the message.
 */
export function checkPath(path: string, where = ''): void {
  const fault = pathFault(path);
  if (fault)
    throw new BuildError('CPIO_PATH_INVALID', `${where}${JSON.stringify(path)}: ${fault}`, {
      hint: 'Use a relative path below the root, such as usr/bin/env.',
    });
}

function pathFault(path: string): string | undefined {
  if (path === '') return 'the path is empty';
  if (path === TRAILER) return 'this name marks the end of an archive';
  if (path.startsWith('/')) return 'the path is absolute';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'the path has an empty, "." or ".." component';
  if (parts.some((part) => Buffer.byteLength(part) > NAME_MAX)) return `a component of the path is longer than ${NAME_MAX} bytes`;
  return textFault(path, 'path');
}

/** Refuses, with `CPIO_TARGET_INVALID`, a target that Linux cannot store. */
export function checkTarget(path: string, target: string): void {
  const fault = target === '' ? 'the target is empty' : textFault(target, 'target');
  if (fault)
    throw new BuildError('CPIO_TARGET_INVALID', `symlink ${path} to ${JSON.stringify(target)}: ${fault}`, {
      hint: 'Give the symlink a target of 1 to 4095 bytes.',
    });
}

function textFault(text: string, what: string): string | undefined {
  if (text.includes('\0')) return `the ${what} has a NUL byte`;
  // A lone surrogate has no UTF-8 form; Buffer.from would quietly write U+FFFD.
  if (/\p{Surrogate}/u.test(text)) return `the ${what} is not Unicode text`;
  if (Buffer.byteLength(text) >= PATH_MAX) return `the ${what} is longer than ${PATH_MAX - 1} bytes`;
  return undefined;
}

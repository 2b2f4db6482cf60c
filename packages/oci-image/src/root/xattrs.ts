import type { TarEntry } from '../tar/read.ts';
import { PathFault } from './tree.ts';

/** With them a layer would tell the kernel's overlayfs what to hide, or which other path to show. */
const OVERLAY = /^(trusted|user)\.overlay\./;

/**
 * The extended attributes of an entry that reach the container, base64, and the names of those that do not. A squashfs has room for `security.*`, `user.*`
 * and `trusted.*` alone, so that ACLs cannot be kept; labels (`security.selinux`, `security.ima`) belong to the machine that made them.
 *
 * @throws PathFault for those of overlayfs
 */
export function keptXattrs({ type, xattrs }: Pick<TarEntry, 'type' | 'xattrs'>): { kept: Record<string, string> | undefined; left: string[] } {
  if (!xattrs) return { kept: undefined, left: [] };
  const names = [...xattrs.keys()].sort();
  const overlay = names.find((name) => OVERLAY.test(name));
  if (overlay) throw new PathFault(`the extended attribute ${overlay}, which would tell overlayfs of other layers`);
  const isKept = (name: string): boolean =>
    type === 'file' ? name === 'security.capability' || name.startsWith('user.') : type === 'directory' && name.startsWith('user.');
  const kept = names.filter(isKept);
  const values = kept.map((name) => [name, (xattrs.get(name) ?? Buffer.alloc(0)).toString('base64')] as const);
  return { kept: kept.length > 0 ? Object.fromEntries(values) : undefined, left: names.filter((name) => !kept.includes(name)) };
}

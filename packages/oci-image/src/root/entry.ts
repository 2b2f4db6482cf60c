import type { Entry } from '@container-os/cpio';

/** An entry of a container's root: that of an archive, and what newc has no room for. */
export type RootEntry = Entry & {
  /** Extended attributes by name, base64: `security.capability`. */
  xattrs?: Readonly<Record<string, string>>;
};

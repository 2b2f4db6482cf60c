import { debianUrls } from './apt.ts';
import { fetchFile, type FetchContext } from './fetch.ts';
import type { Receipt, SourceFile } from './receipt.ts';

/** A verified file and where it lies. */
export type ObtainedFile = SourceFile & { path: string };

/** All files of a source, from the store or from its origin, each verified just now. */
export async function obtain({ files }: Pick<Receipt, 'files'>, context: FetchContext): Promise<ObtainedFile[]> {
  const obtained: ObtainedFile[] = [];
  for (const file of files) obtained.push({ ...file, path: await fetchFile(file, () => originUrls(file.origin), context) });
  return obtained;
}

/**
 * The URLs of an origin. `CONTAINER_OS_MIRROR` (base URLs, separated by spaces) comes first: a mirror holds
 * the files of upstream origins by their names. It cannot change a result, every file is verified.
 */
export async function originUrls(origin: string): Promise<string[]> {
  if (/^debian(-security)?:/.test(origin)) return debianUrls(origin);
  const name = new URL(origin).pathname.split('/').at(-1) ?? '';
  const mirrors = (process.env['CONTAINER_OS_MIRROR'] ?? '').split(' ').filter(Boolean);
  return [...mirrors.map((base) => `${base.replace(/\/$/, '')}/${name}`), origin];
}

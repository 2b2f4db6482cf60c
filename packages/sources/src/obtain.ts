import { fetchFile, type FetchContext } from './fetch.ts';
import type { Receipt, SourceFile } from './receipt.ts';

/** A verified file and where it lies. */
export type ObtainedFile = SourceFile & { path: string };

/**
 * All files of a source, from the store or from where they can be fetched, each verified just now.
 * They are shared by all builds of this user: read them only.
 *
 * @example
 * const [{ path }] = await obtain(await readReceipt(context.artifact('sources'), 'runc'), context);
 */
export async function obtain({ files }: Pick<Receipt, 'files'>, context: FetchContext): Promise<ObtainedFile[]> {
  const obtained: ObtainedFile[] = [];
  for (const file of files) obtained.push({ ...file, path: await fetchFile(file, context) });
  return obtained;
}

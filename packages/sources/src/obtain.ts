import { fetchFile, type FetchContext } from './fetch.ts';
import type { Receipt, SourceFile } from './receipt.ts';

/** A verified file and where it lies. */
export type ObtainedFile = SourceFile & { path: string };

/**
 * All files of a source, from the store or from where they can be fetched, each verified just now.
 * They are shared by all builds of this user: read them only.
 *
 * @example
 * const files = await obtain(await readReceipt(context.artifact('sources'), 'runc'), context);
 */
export async function obtain({ files }: Pick<Receipt, 'files'>, context: FetchContext): Promise<ObtainedFile[]> {
  const obtained: ObtainedFile[] = [];
  for (const file of files) obtained.push({ ...file, path: await fetchFile(file, context) });
  return obtained;
}

/** The path of the one file of a source, as {@link obtain} brings it. */
export async function obtainOne(receipt: Pick<Receipt, 'files'>, context: FetchContext): Promise<string> {
  const [file] = await obtain(receipt, context);
  if (!file) throw new Error('a receipt without files');
  return file.path;
}

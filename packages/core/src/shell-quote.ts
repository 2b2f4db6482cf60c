/** One word for a POSIX shell, and for GRUB's: nothing is special within single quotes. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

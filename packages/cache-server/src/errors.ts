/**
 * A failure that the user can fix. A bug is a plain `Error`.
 *
 * @example
 * throw new UsageError('TOKEN_UNKNOWN', 'tokens.json has no token "ci"', 'List the tokens with token list.');
 */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** Formats a failure for the terminal. A bug shows its stack. */
export function formatError(error: unknown): string {
  if (!(error instanceof UsageError)) return `BUG: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  return `${error.code}: ${error.message}${error.hint ? `\n  hint: ${error.hint}` : ''}`;
}

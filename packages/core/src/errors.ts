/** What a user may need beside the message of a {@link BuildError}. */
export interface BuildErrorDetails {
  /** What to do next, in the imperative. */
  hint?: string;
  /** The lower-level error this one explains. */
  cause?: unknown;
  /** Absolute path of the file that holds the failed tool's whole output. */
  logFile?: string;
}

/**
 * A failure that a user can cause and mend: bad input, a missing host tool, no network, a full disk.
 * A bug is a plain `Error`.
 *
 * The message names the path or option with expected and actual value; `code` is stable and
 * UPPER_SNAKE_CASE, for scripts and tests.
 *
 * @example
 * throw new BuildError('CHECKSUM_MISMATCH', `linux.tar.xz: expected sha256 ${a}, got ${b}`, {
 *   hint: 'Delete the file at the origin or update the pin with nx run base-vm:update-sources.',
 * });
 */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly logFile: string | undefined;

  constructor(code: string, message: string, { hint, cause, logFile }: BuildErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
    this.logFile = logFile;
  }
}

/** The lines that a terminal shows for a failure: reason, hint, log. A bug keeps its stack. */
export function formatError(error: unknown): string {
  if (!(error instanceof BuildError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `BUG: ${stack}`;
  }
  const lines = [`${error.code}: ${error.message}`];
  if (error.cause instanceof Error && !error.message.includes(error.cause.message)) lines.push(`  cause: ${error.cause.message}`);
  if (error.hint) lines.push(`  hint:  ${error.hint}`);
  if (error.logFile) lines.push(`  log:   ${error.logFile}`);
  return lines.join('\n');
}

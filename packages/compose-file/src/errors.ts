import { BuildError } from '@container-os/core/errors';
import type { Place } from './yaml/node.ts';

/**
 * A fault in a Compose file, or in a file that it names.
 *
 * `code` begins with `COMPOSE_`; the message begins with the place and says what was expected and what is there.
 *
 * @example
 * throw new ComposeError('COMPOSE_DURATION', place, 'interval: expected a duration, got "30"', { hint: 'Write a unit: 30s.' });
 */
export class ComposeError extends BuildError {
  readonly place: Place | undefined;
  /** The message without the place. */
  readonly reason: string;

  constructor(code: `COMPOSE_${string}`, place: Place | undefined, reason: string, { hint, cause }: { hint: string; cause?: unknown }) {
    super(code, place ? `${formatPlace(place)}: ${reason}` : reason, { hint, cause });
    this.place = place;
    this.reason = reason;
  }
}

/** `file:line:column`, which terminals and editors turn into a link. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

import { ComposeError } from '../errors.ts';
import type { Node, Place } from '../yaml/node.ts';
import { formatPath, type Path } from './key.ts';
import { describe } from './tree.ts';

/** A value of the wrong type: what was expected, what is there. */
export function typeFault(node: Node, at: Path, expected: string, hint?: string): ComposeError {
  return new ComposeError('COMPOSE_TYPE', node.place, `${formatPath(at)}: expected ${expected}, got ${describe(node)}`, {
    hint: hint ?? `Write ${expected} here.`,
  });
}

/** A value that Compose does not allow here. */
export function valueFault(place: Place, at: Path, message: string, hint: string): ComposeError {
  return new ComposeError('COMPOSE_VALUE', place, `${formatPath(at)}: ${message}`, { hint });
}

/** Parts of the file that contradict each other. */
export function conflictFault(place: Place, at: Path, message: string, hint: string): ComposeError {
  return new ComposeError('COMPOSE_CONFLICT', place, `${formatPath(at)}: ${message}`, { hint });
}

/** A name of something that is not defined. */
export function undefinedFault(place: Place, at: Path, message: string, hint: string): ComposeError {
  return new ComposeError('COMPOSE_UNDEFINED', place, `${formatPath(at)}: ${message}`, { hint });
}

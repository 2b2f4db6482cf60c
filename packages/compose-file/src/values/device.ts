import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';

/** One entry of `devices` in its long form. */
export interface Device {
  readonly source: string;
  readonly target: string;
  readonly permissions: string;
}

/**
 * A short form of `devices`, `source[:target[:permissions]]`, or the name of a CDI device (`vendor/class=device`). Not checked: whether the target is a path.
 *
 * @example
 * parseDevice('/dev/ttyUSB0', place); // { source: '/dev/ttyUSB0', target: '/dev/ttyUSB0', permissions: 'rwm' }
 */
export function parseDevice(text: string, place: Place): Device {
  const [source = '', target, permissions, ...more] = text.split(':');
  if (more.length > 0) {
    throw new ComposeError('COMPOSE_DEVICE', place, `device "${text}": expected source[:target[:permissions]]`, {
      hint: 'Write /dev/a:/dev/b:rwm, or the long form.',
    });
  }
  return { source, target: target || source, permissions: permissions ?? 'rwm' };
}

import { Fault } from './fault.ts';

/** Limits of a transfer in milliseconds and bytes a second. */
export interface Limits {
  /** From the request to the first byte of the answer. */
  response: number;
  /** Period over which `minRate` is measured. */
  stall: number;
  minRate: number;
  /** The whole exchange. */
  transfer: number;
}

/** Aborts an exchange that is too slow through `signal`. */
export interface Pace {
  signal: AbortSignal;
  /** Counts bytes in either direction. */
  moved(bytes: number): void;
  /** The request is sent: the response must begin within `limits.response`. */
  awaitAnswer(): void;
  /** The response began: its body must keep `limits.minRate`. */
  answered(): void;
  stop(): void;
}

/**
 * Starts the timers of one exchange. They abort `signal` with a Fault: 'timeout' when no response begins, 'slow' when the rate is low.
 *
 * @example
 * const pace = startPace(limits);
 * await request(url, { signal: pace.signal });
 */
export function startPace(limits: Limits): Pace {
  const controller = new AbortController();
  const cut = (reason: 'timeout' | 'slow', message: string): void => controller.abort(new Fault(reason, message));
  let bytes = 0;
  let answer: NodeJS.Timeout | undefined;
  const whole = setTimeout(() => cut('slow', `the transfer took more than ${limits.transfer} ms`), limits.transfer);
  const stall = setInterval(() => {
    const wanted = (limits.minRate * limits.stall) / 1000;
    if (answer === undefined && bytes < wanted) cut('slow', `${bytes} bytes moved in ${limits.stall} ms, expected at least ${wanted}`);
    bytes = 0;
  }, limits.stall);
  return {
    signal: controller.signal,
    moved: (count) => void (bytes += count),
    awaitAnswer() {
      answer ??= setTimeout(() => cut('timeout', `upstream did not answer within ${limits.response} ms`), limits.response);
    },
    answered() {
      clearTimeout(answer);
      answer = undefined;
      stall.refresh();
      bytes = 0;
    },
    stop() {
      clearTimeout(whole);
      clearTimeout(answer);
      clearInterval(stall);
    },
  };
}

import { Fault } from './fault.ts';

/** What a transfer must keep to; milliseconds, and bytes a second. */
export interface Limits {
  /** From the request to the first byte of the answer. */
  response: number;
  /** Window over which `minRate` is measured. */
  stall: number;
  minRate: number;
  /** The whole exchange. */
  transfer: number;
}

/** Cuts an exchange that is too slow, by `signal`. */
export interface Pace {
  signal: AbortSignal;
  /** Bytes moved, in either direction. */
  moved(bytes: number): void;
  /** The body of the request is gone: an answer is due within `limits.response`. */
  awaitAnswer(): void;
  /** The answer began: its body is due at `limits.minRate`. */
  answered(): void;
  stop(): void;
}

/**
 * Starts the clocks of one exchange. `signal` is aborted with a Fault: 'timeout' where no answer comes, 'slow' where bytes drip.
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
    if (answer === undefined && bytes < wanted) cut('slow', `${bytes} bytes moved in ${limits.stall} ms, at least ${wanted} are wanted`);
    bytes = 0;
  }, limits.stall);
  return {
    signal: controller.signal,
    moved: (count) => void (bytes += count),
    awaitAnswer() {
      answer ??= setTimeout(() => cut('timeout', `no answer within ${limits.response} ms`), limits.response);
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

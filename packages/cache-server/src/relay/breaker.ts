import { circuitBreaker, ConsecutiveBreaker, ConstantBackoff, handleWhen, isBrokenCircuitError, IterableBackoff, retry, wrap } from 'cockatiel';
import { Fault } from './fault.ts';

/** Without jitter: one relay probes one upstream, there is no herd to spread. */
const PAUSES = [1, 2, 4, 8];
const RETRY_AFTER = 100;

/** Keeps a build from asking an upstream that is down. */
export interface Breaker {
  /** Runs `work`, or throws Fault 'open' at once. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Settings of a breaker. */
export interface BreakerOptions {
  /** Consecutive faults of upstream after which it opens. */
  faults: number;
  /** Milliseconds until one request may try again; doubled each time that one fails, up to eight times this. */
  pause: number;
  /** Whether a connection that failed is tried once more: only for requests that may be sent twice. */
  retries: boolean;
  onOpen(cause: Fault): void;
  onClose(): void;
}

/**
 * A circuit breaker. There is one for GET and one for PUT, so that a full disk, which refuses writes, leaves reads alone.
 *
 * @example
 * const reads = createBreaker({ faults: 3, pause: 30_000, retries: true, onOpen, onClose });
 * await reads.run(() => upstream.get(hash));
 */
export function createBreaker({ faults, pause, retries, onOpen, onClose }: BreakerOptions): Breaker {
  const circuit = circuitBreaker(handleWhen((error) => error instanceof Fault && error.isOfUpstream), {
    breaker: new ConsecutiveBreaker(faults),
    halfOpenAfter: new IterableBackoff(PAUSES.map((times) => times * pause)),
  });
  let isKnownOpen = false;
  circuit.onBreak((failure) => {
    if (!isKnownOpen && 'error' in failure) onOpen(failure.error as Fault);
    isKnownOpen = true;
  });
  circuit.onReset(() => {
    isKnownOpen = false;
    onClose();
  });
  const again = retry(handleWhen((error) => error instanceof Fault && error.reason === 'connect'), { maxAttempts: retries ? 1 : 0, backoff: new ConstantBackoff(RETRY_AFTER) });
  const policy = wrap(circuit, again);
  return {
    async run(work) {
      try {
        return await policy.execute(work);
      } catch (error) {
        throw isBrokenCircuitError(error) ? new Fault('open', 'upstream is left alone after its faults') : error;
      }
    },
  };
}

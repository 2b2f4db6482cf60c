import { circuitBreaker, ConsecutiveBreaker, ConstantBackoff, handleWhen, isBrokenCircuitError, IterableBackoff, retry, wrap } from 'cockatiel';
import { Fault } from './fault.ts';

/** Multiples of the pause. No jitter: one relay probes one upstream. */
const PAUSES = [1, 2, 4, 8];
const RETRY_AFTER = 100;

/** Stops asking an upstream that is down. */
export interface Breaker {
  /** Runs `work`. Throws Fault 'open' at once while the circuit is open. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Settings of a breaker. */
export interface BreakerOptions {
  /** Number of consecutive faults of upstream that open the circuit. */
  faults: number;
  /** Milliseconds until one request probes upstream. Doubles with each failed probe, up to eight times this value. */
  pause: number;
  /** Whether to retry a failed connection once: only for requests that may be sent twice. */
  retries: boolean;
  onOpen(cause: Fault): void;
  onClose(): void;
}

/**
 * A circuit breaker. GET and PUT each have one, because a server with a full disk still serves reads.
 *
 * @example
 * const reads = createBreaker({ faults: 3, pause: 30_000, retries: true, onOpen, onClose });
 * await reads.run(() => upstream.get(hash));
 */
export function createBreaker({ faults, pause, retries, onOpen, onClose }: BreakerOptions): Breaker {
  const circuit = circuitBreaker(
    handleWhen((error) => error instanceof Fault && error.isOfUpstream),
    {
      breaker: new ConsecutiveBreaker(faults),
      halfOpenAfter: new IterableBackoff(PAUSES.map((times) => times * pause)),
    },
  );
  let isKnownOpen = false;
  circuit.onBreak((failure) => {
    if (!isKnownOpen && 'error' in failure) onOpen(failure.error as Fault);
    isKnownOpen = true;
  });
  circuit.onReset(() => {
    isKnownOpen = false;
    onClose();
  });
  const isConnect = handleWhen((error) => error instanceof Fault && error.reason === 'connect');
  const again = retry(isConnect, { maxAttempts: retries ? 1 : 0, backoff: new ConstantBackoff(RETRY_AFTER) });
  const policy = wrap(circuit, again);
  return {
    async run(work) {
      try {
        return await policy.execute(work);
      } catch (error) {
        throw isBrokenCircuitError(error) ? new Fault('open', 'circuit open: upstream failed repeatedly') : error;
      }
    },
  };
}

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isRefused, type Activity } from './activity.ts';

/** Metrics for Prometheus. No label holds a hash, token or address, so the number of series is fixed. */
export interface Metrics {
  add(activity: Activity): void;
  /** Counts sent bytes. */
  sent(bytes: number): void;
  inFlight(change: 1 | -1): void;
  stored(entries: number, bytes: number): void;
  evicted(entries: number, bytes: number): void;
  text(): Promise<string>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[] = []): Counter => {
    return new Counter({ name: `cache_server_${name}_total`, help, labelNames, registers });
  };
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `cache_server_${name}`, help, registers });
  const hits = counter('hits', 'Requests that found their entry.');
  const misses = counter('misses', 'Requests that did not find their entry.');
  const created = counter('created', 'Created entries.');
  const refusals = counter('refusals', 'Refused requests.', ['reason']);
  const received = counter('received_bytes', 'Bytes of created entries.');
  const sent = counter('sent_bytes', 'Bytes of sent entries.');
  const evictions = counter('evictions', 'Evicted entries.');
  const evictedBytes = counter('evicted_bytes', 'Bytes of evicted entries.');
  const seconds = new Histogram({
    name: 'cache_server_request_duration_seconds',
    help: 'Time to the first byte of the response. For a PUT this includes the upload.',
    labelNames: ['method'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
    registers,
  });
  const inFlight = gauge('requests_in_flight', 'Running requests.');
  const entries = gauge('stored_entries', 'Entries in the store at its last scan.');
  const bytes = gauge('stored_bytes', 'Bytes in the store at its last scan.');
  return {
    add({ method, outcome, size, seconds: duration }) {
      seconds.observe({ method: ['GET', 'HEAD', 'PUT'].includes(method) ? method : 'other' }, duration);
      if (outcome === 'hit') hits.inc();
      if (outcome === 'miss') misses.inc();
      if (outcome === 'created') created.inc();
      if (outcome === 'created') received.inc(size ?? 0);
      if (outcome === 'exists' || isRefused(outcome)) refusals.inc({ reason: outcome });
    },
    sent: (count) => sent.inc(count),
    inFlight: (change) => inFlight.inc(change),
    stored(count, size) {
      entries.set(count);
      bytes.set(size);
    },
    evicted(count, size) {
      evictions.inc(count);
      evictedBytes.inc(size);
    },
    text: () => registry.metrics(),
  };
}

import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Refusal } from './decide.ts';

/** Limits of one token at one address. 0: no limit. */
export interface RateLimits {
  requestsPerSecond: number;
  /** Bytes. */
  uploadPerMinute: number;
  maxUploads: number;
}

/** Enforces {@link RateLimits}. The counts are in memory, so each of several servers has its own. */
export interface Limiter {
  request(client: string): Promise<Refusal | undefined>;
  /** Call `end` when the upload has ended, successful or not. */
  upload(client: string, size: number): Promise<{ refusal: Refusal } | { end(): void }>;
}

export function createLimiter({ requestsPerSecond, uploadPerMinute, maxUploads }: RateLimits): Limiter {
  const requests = new RateLimiterMemory({ points: requestsPerSecond, duration: 1 });
  const bytes = new RateLimiterMemory({ points: uploadPerMinute, duration: 60 });
  let uploads = 0;
  return {
    request: async (client) => (requestsPerSecond > 0 && !(await isWithin(requests, client, 1)) ? 'too-many-requests' : undefined),
    async upload(client, size) {
      if (uploads >= maxUploads) return { refusal: 'too-many-uploads' };
      uploads++;
      if (uploadPerMinute > 0 && size > 0 && !(await isWithin(bytes, client, size))) {
        uploads--;
        return { refusal: 'too-many-bytes' };
      }
      let ended = false;
      return {
        end: () => {
          if (!ended) uploads--;
          ended = true;
        },
      };
    },
  };
}

async function isWithin(limiter: RateLimiterMemory, client: string, points: number): Promise<boolean> {
  try {
    await limiter.consume(client, points);
    return true;
  } catch (error) {
    if (error instanceof Error) throw error;
    return false; // a RateLimiterRes: over the limit
  }
}

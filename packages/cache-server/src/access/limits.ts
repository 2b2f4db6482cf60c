import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Refusal } from './decide.ts';

/** How much one token at one address may ask for; 0 is no limit. */
export interface RateLimits {
  requestsPerSecond: number;
  /** Bytes. */
  uploadPerMinute: number;
  maxUploads: number;
}

/** Counts requests, bytes and uploads, and says when it is too much. In memory: several servers each have their own count. */
export interface Limiter {
  request(who: string): Promise<Refusal | undefined>;
  /** Call `end` when the upload has ended, well or not. */
  upload(who: string, size: number): Promise<{ refusal: Refusal } | { end(): void }>;
}

export function createLimiter({ requestsPerSecond, uploadPerMinute, maxUploads }: RateLimits): Limiter {
  const requests = new RateLimiterMemory({ points: requestsPerSecond, duration: 1 });
  const bytes = new RateLimiterMemory({ points: uploadPerMinute, duration: 60 });
  let uploads = 0;
  return {
    request: async (who) => (requestsPerSecond > 0 && !(await isWithin(requests, who, 1)) ? 'too-many-requests' : undefined),
    async upload(who, size) {
      if (uploads >= maxUploads) return { refusal: 'too-many-uploads' };
      uploads++;
      if (uploadPerMinute > 0 && size > 0 && !(await isWithin(bytes, who, size))) {
        uploads--;
        return { refusal: 'too-many-bytes' };
      }
      let ended = false;
      return { end: () => { if (!ended) uploads--; ended = true; } };
    },
  };
}

async function isWithin(limiter: RateLimiterMemory, who: string, points: number): Promise<boolean> {
  try {
    await limiter.consume(who, points);
    return true;
  } catch (error) {
    if (error instanceof Error) throw error;
    return false; // a RateLimiterRes: over the limit
  }
}

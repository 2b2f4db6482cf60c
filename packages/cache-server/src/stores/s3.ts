import { bulkhead } from 'cockatiel';
import type { GetObjectCommandOutput, S3Client, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { TRAILER_SIZE } from '../entry.ts';
import { isHash, isNamespace } from '../protocol.ts';
import type { EntryKey, ListedEntry, Store } from './store.ts';
import { BodySizeError, checkHash, checkKey, StoreFullError, StoreUnavailableError, TOUCH_PRECISION_MS } from './store.ts';
import { mergeUsed } from './s3-list.ts';
import { probeCreateOnly } from './s3-probe.ts';

/** Location of the bucket. Credentials come from the SDK's default chain (environment, profile, instance), never from here. */
export interface S3Options {
  bucket: string;
  /** Prefix of every object key, such as `nx/`. */
  prefix: string;
  region: string;
  /** URL of a service other than AWS. Buckets are addressed by path. */
  endpoint?: string | undefined;
  /** Called at the start for each guarantee that the service lacks. */
  warn?: (message: string) => void;
}

/** Minimum size of a part in S3. An upload holds about four parts in memory: two in transit, one filling, one copied. */
const PART_SIZE = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** Further uploads wait with their bodies unread. */
const MAX_UPLOADS = 4;

/**
 * Entries as objects of an S3-compatible bucket: `<prefix>entries/<namespace>/<hash>`, and the last use as the age of an empty
 * object `<prefix>used/<namespace>/<hash>`. A hash that was retired is an empty object `<prefix>deleted/<hash>`.
 *
 * `If-None-Match: *` on PutObject and CompleteMultipartUpload makes entries immutable. A probe at the start finds out whether the
 * service honours it. If not, the store checks for the entry just before it completes an upload: of two writers at that moment both
 * succeed, and the later one's bytes stay. `warn` reports this.
 *
 * @throws StoreUnavailableError when the bucket does not exist or access is denied
 * @example
 * const store = await s3Store({ bucket: 'nx-cache', prefix: '', region: 'us-east-1', endpoint: 'http://127.0.0.1:7480' });
 */
export async function s3Store({ bucket: Bucket, prefix, region, endpoint, warn = () => {} }: S3Options): Promise<Store> {
  // Loaded only here: 0.15 to 0.25 s that a user of the file system does not pay.
  const [sdk, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  const client: S3Client = new sdk.S3Client({
    region,
    ...(endpoint ? { endpoint: endpoint.replace(/\/+$/, ''), forcePathStyle: true } : {}),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000, httpAgent: { maxSockets: 256 }, httpsAgent: { maxSockets: 256 } },
    // The trailer has a digest of its own; other services do not know the SDK's newer ones.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const explained = explainer(Bucket);
  const uploads = bulkhead(MAX_UPLOADS, Number.MAX_SAFE_INTEGER);
  const entryKey = ({ namespace, hash }: EntryKey) => `${prefix}entries/${namespace}/${hash}`;
  const usedKey = ({ namespace, hash }: EntryKey) => `${prefix}used/${namespace}/${hash}`;
  const retiredKey = (hash: string) => `${prefix}deleted/${hash}`;
  const head = (Key: string) => ifThere(client.send(new sdk.HeadObjectCommand({ Bucket, Key })));
  const get = (Key: string, Range: string, IfMatch?: string) => client.send(new sdk.GetObjectCommand({ Bucket, Key, Range, ...(IfMatch ? { IfMatch } : {}) }));

  const createOnly = await explained('write', () => probeCreateOnly(client, Bucket, `${prefix}probe`));
  for (const operation of ['PutObject', 'CompleteMultipartUpload'] as const) {
    if (createOnly[operation]) continue;
    warn(`the service ignores If-None-Match on ${operation}: when two clients write an entry at the same moment, the later one wins`);
  }

  async function create(key: EntryKey, body: ReadableStream<Uint8Array>, size: number): Promise<'created' | 'exists'> {
    const Key = entryKey(key);
    if (await head(Key)) return 'exists';
    const atomic = createOnly[size < PART_SIZE ? 'PutObject' : 'CompleteMultipartUpload'];
    const sized = sizedBody(body, size, async () => {
      if (!atomic && (await head(Key))) throw new EntryExists();
    });
    const params = { Bucket, Key, Body: sized.stream, ...(atomic ? { IfNoneMatch: '*' } : {}) };
    const upload = new Upload({ client, params, queueSize: 2, partSize: Math.max(PART_SIZE, Math.ceil(size / MAX_PARTS)) });
    try {
      await upload.done();
      return 'created';
    } catch (error) {
      await sized.stop();
      if (sized.error() instanceof EntryExists || statusOf(error) === 412) return 'exists';
      // Another writer is at it. Its answer is ours, unless it fails as well.
      if (statusOf(error) === 409 && (await head(Key))) return 'exists';
      throw sized.error() ?? error;
    }
  }

  return {
    async create(key, body, size) {
      checkKey(key);
      return uploads.execute(() => explained(`write ${entryKey(key)}`, () => create(key, body, size)));
    },

    async open(key) {
      checkKey(key);
      const Key = entryKey(key);
      return explained(`read ${Key}`, async () => {
        // The trailer comes with the size: one request instead of two.
        const found = await ifThere(
          get(Key, `bytes=-${TRAILER_SIZE}`).catch((error: unknown) => {
            // An empty object has no range.
            if (statusOf(error) === 416) return undefined;
            throw error;
          }),
          'absent' as const,
        );
        if (found === 'absent') return undefined;
        const tail = (await found?.Body?.transformToByteArray()) ?? new Uint8Array();
        const size = found ? Number(/\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? tail.length) : 0;
        const fetched = (start: number, end: number) => get(Key, `bytes=${start}-${end - 1}`, found?.ETag);
        return {
          size,
          version: found?.ETag ?? '',
          isLocal: false,
          read: (start, end) =>
            start >= size - tail.length || start === end
              ? new Blob(start === end ? [] : [tail.slice(start - size + tail.length, end - size + tail.length)]).stream()
              : lazy(() => explained(`read ${Key}`, () => fetched(start, end)), end - start),
          close: async () => {},
        };
      });
    },

    async touch(key, now) {
      checkKey(key);
      await explained(`touch ${entryKey(key)}`, async () => {
        const isFresh = (object?: { LastModified?: Date | undefined }) => now.getTime() - (object?.LastModified?.getTime() ?? 0) < TOUCH_PRECISION_MS;
        if (isFresh(await head(usedKey(key)))) return;
        const entry = await head(entryKey(key));
        if (entry && !isFresh(entry)) await client.send(new sdk.PutObjectCommand({ Bucket, Key: usedKey(key), Body: '', ContentLength: 0 }));
      });
    },

    async delete(key) {
      checkKey(key);
      return explained(`delete ${entryKey(key)}`, async () => {
        const found = await head(entryKey(key));
        for (const Key of [entryKey(key), usedKey(key)]) await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
        return found !== undefined;
      });
    },

    async retire(hash) {
      checkHash(hash);
      const Key = retiredKey(hash);
      await explained(`write ${Key}`, () => client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: '', ContentLength: 0 })));
    },

    async isRetired(hash) {
      checkHash(hash);
      return explained(`read ${retiredKey(hash)}`, async () => (await head(retiredKey(hash))) !== undefined);
    },

    async *list(): AsyncIterable<ListedEntry> {
      const objects = async function* (folder: string) {
        let ContinuationToken: string | undefined;
        do {
          const command = new sdk.ListObjectsV2Command({ Bucket, Prefix: `${prefix}${folder}`, ContinuationToken });
          const page: ListObjectsV2CommandOutput = await explained(`list ${prefix}${folder}`, () => client.send(command));
          for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
            yield { name: Key.slice(prefix.length + folder.length), size: Size, modified: LastModified };
          }
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken);
      };
      for await (const { name, size, created, used } of mergeUsed(objects('entries/'), objects('used/'))) {
        const [namespace = '', hash = '', ...rest] = name.split('/');
        if (isNamespace(namespace) && isHash(hash) && rest.length === 0) yield { key: { namespace, hash }, size, created, used };
      }
    },
  };
}

class EntryExists extends Error {}

/** Passes `body` on after checking its size. Awaits `atEnd` before the end. Remembers its error, because the SDK may wrap it. */
function sizedBody(body: ReadableStream<Uint8Array>, size: number, atEnd: () => Promise<void>) {
  const reader = body.getReader();
  let error: unknown;
  let read = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          read += value?.length ?? 0;
          if (read > size) throw new BodySizeError(`the body has more than the announced ${size} bytes`);
          if (!done) return controller.enqueue(value);
          if (read < size) throw new BodySizeError(`the body ended after ${read} of ${size} bytes`);
          await atEnd();
          controller.close();
        } catch (cause) {
          error = cause;
          throw cause;
        }
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, error: () => error, stop: async () => reader.releaseLock() };
}

/** The body of the answer to a request that is sent when the first byte is wanted. */
function lazy(request: () => Promise<GetObjectCommandOutput>, size: number): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let read = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= ((await request()).Body!.transformToWebStream() as ReadableStream<Uint8Array>).getReader();
        const { done, value } = await reader.read();
        if (!done) read += value.length;
        if (!done) return controller.enqueue(value);
        if (read < size) throw new StoreUnavailableError(`the object ended after ${read} of ${size} bytes`);
        controller.close();
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

const statusOf = (error: unknown): number | undefined => (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;

/** `absent` (undefined by default) when the service says that there is no such object. A missing bucket is an error. */
async function ifThere<T, A = undefined>(result: Promise<T>, absent?: A): Promise<T | A> {
  try {
    return await result;
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return absent as A;
    throw error;
  }
}

/** Tells faults of the service from those of a body, which pass as they are. No header or credential is in the message. */
const explainer =
  (bucket: string) =>
  async <T>(what: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      const { name, message, code } = cause as NodeJS.ErrnoException;
      const isOurs = statusOf(cause) !== undefined || '$metadata' in (cause as object) || name === 'CredentialsProviderError';
      if (!isOurs) throw cause;
      // Not as a cause: the SDK's error holds the request with its signature, and a log would print it.
      const reason = `${statusOf(cause) ?? code ?? ''} ${name}${message === 'UnknownError' ? '' : `: ${message}`}`.trim();
      if (statusOf(cause) === 507 || name === 'QuotaExceeded') throw new StoreFullError(`bucket ${bucket} has no space left to ${what}: ${reason}`);
      throw new StoreUnavailableError(`cannot ${what} in bucket ${bucket}: ${reason}`);
    }
  };

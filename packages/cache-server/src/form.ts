import { createGunzip, type Gunzip } from 'node:zlib';

/** The body is not what Nx sends and reads: a gzip'd tar. */
export class FormError extends Error {
  override readonly name = 'FormError';
  /** Whether the body looks like HTML or XML. */
  readonly isPage: boolean;

  constructor(problem: string, start: Uint8Array) {
    super(`the body ${problem}; expected the gzip'd tar that Nx sends. If this is a page of a proxy or a sign-in, correct the address or the proxy.`);
    this.isPage = isPage(start);
  }
}

/** Whether a text begins as HTML or XML does: it is a page for people, and no answer of a cache server. */
export function isPage(start: Uint8Array): boolean {
  return /^(\xef\xbb\xbf)?\s*</.test(Buffer.from(start).toString('latin1'));
}

/** Checks the form of a body that passes by. Keeps one header of it. */
export interface FormCheck {
  /** @throws FormError as soon as the form is wrong */
  add(chunk: Uint8Array): Promise<void>;
  /** The body ended. @throws FormError */
  end(): Promise<void>;
  /** Frees the memory of a check that does not reach its end. */
  stop(): void;
}

const BLOCK = 512;
const CHECKSUM = { start: 148, end: 156 };
/** A tar ends with two empty blocks. */
const END_OF_TAR = 2 * BLOCK;
const SHOWN = 16;

/** Expanded bytes after which a body that expands more than {@link MAX_RATIO} times is trusted: a gigabyte of zeros is 1 MB of gzip. */
const MAX_FREE = 64 * 1024 * 1024;
const MAX_RATIO = 20;

/**
 * Expands a body as it comes, and looks at the gzip stream up to its checksum, the first tar header, and the end of the tar. A small
 * body that expands to very much is not expanded to its end unless `isThorough`.
 *
 * @example
 * const form = startFormCheck();
 * for await (const chunk of body) await form.add(chunk);
 * await form.end();
 */
export function startFormCheck(isThorough = false): FormCheck {
  const first = Buffer.alloc(BLOCK);
  let [taken, expanded, zeros] = [0, 0, 0];
  let start = Buffer.alloc(0);
  let problem: string | undefined;
  let gunzip: Gunzip | undefined = createGunzip({ chunkSize: 256 * 1024 });
  const stop = (): void => {
    gunzip?.destroy();
    gunzip = undefined;
  };
  gunzip.on('error', (error: NodeJS.ErrnoException) => {
    problem ??= error.code === 'Z_BUF_ERROR' ? `ends after ${taken} bytes, inside of its gzip stream: it is truncated` : `is damaged gzip (${error.message})`;
  });
  gunzip.on('data', (chunk: Buffer) => {
    if (expanded < BLOCK) {
      chunk.copy(first, expanded);
      if (expanded + chunk.length >= BLOCK) problem ??= problemOfHeader(first);
    }
    expanded += chunk.length;
    zeros = zerosAtEnd(chunk, zeros);
    if (problem !== undefined || (!isThorough && expanded > MAX_FREE + MAX_RATIO * taken)) stop();
  });
  const require = (): void => {
    if (problem === undefined) return;
    stop();
    throw new FormError(problem, start);
  };
  return {
    async add(chunk) {
      if (taken < SHOWN) {
        start = Buffer.concat([start, chunk.subarray(0, SHOWN)]);
        if (start[0] !== 0x1f || (start.length > 1 && start[1] !== 0x8b))
          problem = `begins with ${JSON.stringify(start.subarray(0, SHOWN).toString('latin1'))}`;
        require();
      }
      taken += chunk.length;
      await settled((running, done) => running.write(chunk, done));
      require();
    },
    async end() {
      if (taken === 0) problem = 'is empty';
      require();
      await settled((running) => running.end());
      require();
      if (!gunzip) return;
      if (expanded < BLOCK) problem = `expands to ${expanded} bytes, which hold no tar header`;
      else if (expanded % BLOCK !== 0 || zeros < END_OF_TAR) problem = `expands to ${expanded} bytes without the two empty blocks that end a tar: it is cut`;
      require();
      stop();
    },
    stop,
  };

  /** Waits for zlib until it calls back for a chunk, or closes after the end or an error. */
  function settled(work: (running: Gunzip, done: () => void) => unknown): Promise<void> {
    const running = gunzip;
    if (!running || running.destroyed || running.readableEnded) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        running.off('close', done);
        resolve();
      };
      running.once('close', done);
      work(running, done);
    });
  }
}

/** Passes `body` on. Errors with {@link FormError} in place of the chunk or the end that shows it to be no entry of Nx. */
export function formed(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const form = startFormCheck();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          await (done ? form.end() : form.add(value));
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          form.stop();
          throw error;
        }
      },
      cancel(reason) {
        form.stop();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** What is wrong with the first header of a tar (POSIX ustar, which GNU and pax share): its sum is over all bytes, its own field as blanks. */
function problemOfHeader(header: Buffer): string | undefined {
  const expected = parseInt(
    header
      .toString('latin1', CHECKSUM.start, CHECKSUM.end)
      .replace(/[\0 ]+/g, ' ')
      .trim(),
    8,
  );
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : header[at]!;
  if (sum === expected) return undefined;
  const is = Number.isNaN(expected) ? 'none' : expected;
  return `is gzip of something that is no tar (the first header has checksum ${is}, its bytes have ${sum})`;
}

/** The number of zeros at the end after `chunk`, counted up to {@link END_OF_TAR}. */
function zerosAtEnd(chunk: Buffer, before: number): number {
  const from = Math.max(0, chunk.length - END_OF_TAR);
  for (let at = chunk.length; at > from; at--) if (chunk[at - 1] !== 0) return chunk.length - at;
  return Math.min(END_OF_TAR, from > 0 ? END_OF_TAR : chunk.length + before);
}

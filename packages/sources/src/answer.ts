import { BuildError } from '@container-os/core';
import { isOffline } from './environment.ts';
import { eachOrigin, PATIENCE, withPatience, type FetchContext } from './fetch.ts';
import { dispatcherFor } from './origins.ts';
import { explain, get, NETWORK_HINT, redact, unexpected, type HeadersOf } from './transfer.ts';

/** What is asked of a server whose answer no checksum names. */
export interface Question {
  /** What it is, for messages. */
  name: string;
  /** The same at each; the first that has it answers. */
  urls: readonly string[];
  /** The most bytes that an answer may have. */
  limit: number;
  headers?: HeadersOf;
  /** Sent by POST; no redirect is followed then. */
  form?: string;
}

/**
 * A small document that is not pinned, such as what a tag of a registry names: whole in memory, and not verified. It is fetched with the
 * retries, proxies and time limits of {@link fetchFile}.
 *
 * @throws BuildError OFFLINE, ANSWER_TOO_LONG, and those of fetchFile.
 */
export async function fetchAnswer({ name, urls, limit, headers, form }: Question, context: FetchContext): Promise<Buffer> {
  if (isOffline())
    throw new BuildError('OFFLINE', `CONTAINER_OS_OFFLINE is 1, and ${name} has to be asked for at ${urls.map(redact).join(', ')}`, {
      hint: 'Unset CONTAINER_OS_OFFLINE to ask.',
    });
  return eachOrigin(urls, name, context, async (url) => {
    const dispatcher = await dispatcherFor(url);
    const connected = { dispatcher, signal: context.signal, stalled: (context.patience ?? PATIENCE).stalled, headers, form };
    try {
      return await withPatience(() => read(url, limit, connected), context);
    } finally {
      await dispatcher.destroy();
    }
  });
}

async function read(url: string, limit: number, context: Parameters<typeof get>[2]): Promise<Buffer> {
  let begun = false;
  try {
    const { statusCode, headers, body } = await get(url, 0, context);
    if (statusCode !== 200) {
      await body.dump();
      throw await unexpected(statusCode, headers, url);
    }
    begun = true;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw new BuildError('ANSWER_TOO_LONG', `${redact(url)}: longer than ${limit} bytes`, { hint: NETWORK_HINT });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    context.signal.throwIfAborted();
    throw explain(error, url, begun);
  }
}

import { ifThere } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A published port of the guest: QEMU leads `port` of this machine's loopback there. */
export interface Published {
  port: number;
  /** Regular expression of what is expected. */
  pattern: string;
}

/** What a port answered, or why nothing came. */
export interface Answer {
  page?: string;
  error?: string;
}

/** Whether a page came, and is as expected. */
export function answers({ page }: Answer = {}, pattern: string): boolean {
  return page !== undefined && new RegExp(pattern).test(page);
}

/** A free port of this machine's loopback for each of `expected`, guest port and pattern. */
export async function publish(expected: Readonly<Record<string, string>>): Promise<Record<string, Published>> {
  return Object.fromEntries(await Promise.all(Object.entries(expected).map(async ([guest, pattern]) => [guest, { port: await freePort(), pattern }] as const)));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Gets a page from each published port, again and again until one matches, from the guest's first fact on
 * and until its own tests begin, which kill containers. `done` aborts it: the boot has ended.
 */
export async function fetchPublished(published: Readonly<Record<string, Published>>, reportFile: string, done: AbortSignal): Promise<Record<string, Answer>> {
  const got: Record<string, Answer> = {};
  const missing = (): [string, Published][] => Object.entries(published).filter(([guest, { pattern }]) => !answers(got[guest], pattern));
  while (missing().length > 0 && !done.aborted) {
    const report = (await ifThere(readFile(reportFile, 'utf8'))) ?? '';
    if (report.includes('"event":"tests"')) break;
    if (report.includes('"event":"fact"')) await Promise.all(missing().map(async ([guest, { port }]) => (got[guest] = await ask(port, done))));
    await sleep(100);
  }
  return got;
}

async function ask(port: number, done: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.any([done, AbortSignal.timeout(3000)]) });
    return { page: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error;
    return { error: cause instanceof Error ? cause.message : message };
  }
}

import { ifThere } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A published port of the guest, to which QEMU forwards `port` of this machine's loopback. */
export interface Published {
  port: number;
  /** Regular expression that the page must match. */
  pattern: string;
}

/** The page that a port served, or the error. */
export interface Answer {
  page?: string;
  error?: string;
}

/** Whether a page came and matches `pattern`. */
export function answers({ page }: Answer = {}, pattern: string): boolean {
  return page !== undefined && new RegExp(pattern).test(page);
}

/** Finds a free port of this machine's loopback for each guest port of `expected`. */
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
 * Fetches a page from each published port, repeatedly until it matches, from the guest's first fact until its own
 * tests begin, which kill containers. `done` aborts when the boot has ended.
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
  // Not AbortSignal.timeout(): below AbortSignal.any() nothing holds it, and once it is collected it never fires.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('no answer within 3 s')), 3000);
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.any([done, late.signal]) });
    return { page: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error;
    return { error: cause instanceof Error ? cause.message : message };
  } finally {
    clearTimeout(timer);
  }
}

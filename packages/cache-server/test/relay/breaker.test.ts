import { expect, it } from 'vitest';
import { createBreaker } from '../../src/relay/breaker.ts';
import { Fault, faultOf, type FaultReason } from '../../src/relay/fault.ts';

const PAUSE = 500;

function breakerWithLog(retries = false): { run: ReturnType<typeof createBreaker>['run']; log: string[] } {
  const log: string[] = [];
  const { run } = createBreaker({ faults: 3, pause: PAUSE, retries, onOpen: ({ reason }) => log.push(`open ${reason}`), onClose: () => log.push('close') });
  return { run, log };
}

const fail = (reason: FaultReason) => (): Promise<never> => Promise.reject(new Fault(reason, reason));
const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: Fault) => error.reason,
  );

it('after three faults in a row upstream is not asked, until the pause is over and one request goes well', async () => {
  const { run, log } = breakerWithLog();
  await run(() => Promise.resolve());
  for (const _ of [1, 2, 3]) expect(await reasonOf(run(fail('timeout')))).toBe('timeout');
  let asked = 0;
  expect(await reasonOf(run(() => Promise.resolve(asked++)))).toBe('open');
  expect(asked).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 2 * PAUSE));
  expect(await run(() => Promise.resolve('well'))).toBe('well');
  expect(log).toEqual(['open timeout', 'close']);
});

it('a failed try in between is not told again', async () => {
  const { run, log } = breakerWithLog();
  for (const _ of [1, 2, 3]) await reasonOf(run(fail('status')));
  await new Promise((resolve) => setTimeout(resolve, 2 * PAUSE));
  expect(await reasonOf(run(fail('status')))).toBe('status');
  expect(await reasonOf(run(() => Promise.resolve()))).toBe('open');
  expect(log).toEqual(['open status']);
});

it('corrupt entries and faults of this machine do not keep from asking for the next', async () => {
  const { run, log } = breakerWithLog();
  for (const reason of ['corrupt', 'bad-signature', 'unsigned', 'too-large', 'spool', 'client'] as const)
    expect(await reasonOf(run(fail(reason)))).toBe(reason);
  expect(log).toEqual([]);
});

it('a connection that failed is tried once more where the request may be sent twice, and nothing else is', async () => {
  const count = async (reason: FaultReason, retries: boolean): Promise<number> => {
    let tries = 0;
    await reasonOf(
      breakerWithLog(retries).run(() => {
        tries++;
        return fail(reason)();
      }),
    );
    return tries;
  };
  expect([await count('connect', true), await count('connect', false), await count('timeout', true), await count('cut', true)]).toEqual([2, 1, 1, 1]);
});

it('every error has a reason', () => {
  const coded = (code: string): string => faultOf(Object.assign(new Error(code), { code })).reason;
  expect(
    Object.fromEntries(
      [
        'ECONNREFUSED',
        'EAI_AGAIN',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'CERT_HAS_EXPIRED',
        'ERR_TLS_CERT_ALTNAME_INVALID',
        'HPE_INVALID_CONSTANT',
        'ENOSPC',
        'UNHEARD_OF',
      ].map((code) => [code, coded(code)]),
    ),
  ).toEqual({
    ECONNREFUSED: 'connect',
    EAI_AGAIN: 'dns',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
    CERT_HAS_EXPIRED: 'tls',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
    HPE_INVALID_CONSTANT: 'not-http',
    ENOSPC: 'spool',
    UNHEARD_OF: 'cut',
  });
});

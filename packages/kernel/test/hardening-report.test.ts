import { expect, it } from 'vitest';
import { readChecks, reportChecks } from '../src/kernel-hardening/report.ts';

const check = (option_name: string, ok: boolean): object => ({
  option_name,
  type: 'kconfig',
  reason: 'self_protection',
  decision: 'kspp',
  desired_val: 'y',
  check_result: ok ? 'OK' : 'FAIL: "is not set"',
  check_result_bool: ok,
});

it('reports what is recommended and not there, one aligned line each', () => {
  const checks = readChecks(
    `[+] a word before\n${JSON.stringify([check('CONFIG_KFENCE', false), check('CONFIG_BUG', true), check('CONFIG_SCHED_CORE', false)])}`.replace('[+]', '+'),
  );
  expect(checks).toHaveLength(3);
  expect(reportChecks(checks)).toBe('CONFIG_KFENCE      y  kspp  self_protection  "is not set"\nCONFIG_SCHED_CORE  y  kspp  self_protection  "is not set"\n');
  expect(reportChecks(checks.slice(1, 2))).toBe('');
});

it('does not take silence for a good result', () => {
  expect(() => readChecks('[]')).toThrow('made no check');
});

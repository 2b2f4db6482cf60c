import { columns } from '@container-os/core';

/** A check as kernel-hardening-checker prints it (`--mode json`). */
export interface Check {
  option_name: string;
  /** For example `self_protection`. */
  reason: string;
  /** Who recommends it: `defconfig`, `kspp`, … */
  decision: string;
  desired_val: string;
  check_result: string;
  check_result_bool: boolean;
}

/** The checks of the checker's output; it may say more on lines before. */
export function readChecks(output: string): Check[] {
  const checks = JSON.parse(output.slice(output.indexOf('['))) as Check[];
  if (!Array.isArray(checks) || checks.length === 0) throw new Error('kernel-hardening-checker made no check');
  return checks;
}

/** One line for each recommendation that is not followed: the symbol, what it should be, what it is, who says so and why. */
export function reportChecks(checks: readonly Check[]): string {
  const rows = checks
    .filter((check) => !check.check_result_bool)
    .map((check) => [check.option_name, check.desired_val, check.decision, check.reason, check.check_result.replace(/^FAIL: /, '')]);
  return columns(rows)
    .map((line) => `${line}\n`)
    .join('');
}

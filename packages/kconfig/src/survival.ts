import { BuildError } from '@container-os/core';
import { formatSetting } from './config.ts';
import type { Setting } from './fragment.ts';
import { nearest } from './symbols.ts';

/** A setting that kconfig did not keep. */
export interface Lost {
  setting: Setting;
  /** What the finished configuration says instead; `n` where it does not name the symbol. */
  actual: string;
  /** Set when no Kconfig file declares the symbol: those that may have been meant. */
  unknown?: string[];
}

/**
 * The settings of `requested` that are not in the finished configuration `actual`: kconfig drops without
 * a word what its dependencies do not allow. `known` are all declared symbols; `allow` maps symbols that
 * may be lost to the reason.
 *
 * Errors: `ALLOW_WITHOUT_REASON`, `ALLOW_UNUSED` (a symbol that no fragment sets).
 */
export function findLost(
  requested: readonly Setting[],
  actual: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
  allow: Readonly<Record<string, string>> = {},
): Lost[] {
  checkAllow(allow, requested);
  return requested.flatMap((setting) => {
    const { symbol, value } = setting;
    const now = actual.get(symbol) ?? 'n';
    if (symbol in allow || (known.has(symbol) && now === value)) return [];
    return [{ setting, actual: now, ...(known.has(symbol) ? {} : { unknown: nearest(symbol, known) }) }];
  });
}

function checkAllow(allow: Readonly<Record<string, string>>, requested: readonly Setting[]): void {
  for (const [symbol, reason] of Object.entries(allow)) {
    if (reason.trim() === '') throw new BuildError('ALLOW_WITHOUT_REASON', `"allow" lets ${symbol} be lost without a reason`, { hint: 'Write the reason as its value.' });
    if (requested.some((setting) => setting.symbol === symbol)) continue;
    throw new BuildError('ALLOW_UNUSED', `"allow" names ${symbol}, which no fragment sets`, { hint: 'Remove it from "allow", or correct its name (with CONFIG_).' });
  }
}

/** One line: `kernel/network.config:7: CONFIG_VETH=y requested, the result has # CONFIG_VETH is not set`. */
export function describeLost({ setting, actual, unknown }: Lost): string {
  const where = `${setting.file}:${setting.line}: ${formatSetting(setting)} requested`;
  if (!unknown) return `${where}, the result has ${formatSetting({ ...setting, value: actual })}`;
  return `${where}, there is no such symbol${unknown.length > 0 ? `; did you mean ${unknown.join(' or ')}?` : ''}`;
}

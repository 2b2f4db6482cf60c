import type { Setting } from './fragment.ts';

/** One setting a symbol: of several, the last counts. */
export function mergeFragments(fragments: readonly (readonly Setting[])[]): Setting[] {
  return [...new Map(fragments.flat().map((setting) => [setting.symbol, setting])).values()];
}

/** The values of a `.config`, by symbol; `n` where it says "is not set". */
export function parseConfig(text: string): Map<string, string> {
  const settings = text.matchAll(/^(?:(CONFIG_\w+)=(.*)|# (CONFIG_\w+) is not set)$/gm);
  return new Map([...settings].map(([, symbol, value, off]) => (off === undefined ? [symbol ?? '', value ?? ''] : [off, 'n'])));
}

/**
 * A `.config` with `settings` in place of what it said of their symbols, for kconfig to complete. Lines
 * are replaced, not added: kconfig warns of a second one.
 */
export function mergeConfig(base: string, settings: readonly Setting[]): string {
  const replaced = new Set(settings.map(({ symbol }) => symbol));
  const kept = base.split('\n').filter((line) => line !== '' && !replaced.has(/^(?:# )?(CONFIG_\w+)[= ]/.exec(line)?.[1] ?? ''));
  return [...kept, ...settings.map(formatSetting), ''].join('\n');
}

/** As kconfig writes it: `CONFIG_VETH=y`, `# CONFIG_WLAN is not set`. */
export function formatSetting({ symbol, value }: Pick<Setting, 'symbol' | 'value'>): string {
  return value === 'n' ? `# ${symbol} is not set` : `${symbol}=${value}`;
}

import { BuildError } from '@container-os/core';
import leven from 'leven';
import type { Definitions } from './definitions.ts';
import type { Request } from './fragment.ts';
import { compareVersion } from './tree-version.ts';

export interface Survival {
  requests: readonly Request[];
  /** Values of the finished configuration. */
  actual: ReadonlyMap<string, string>;
  /** Requested symbols that may be missing from the final configuration, each with the reason. */
  allow: Readonly<Record<string, string>>;
  definitions: Definitions;
  /** Of the tree. */
  version?: string | undefined;
}

/**
 * Passes when every requested symbol is defined and has its value in the finished configuration: Kconfig itself
 * drops unknown symbols, and those with unmet dependencies, without a word. Returns the requests that nothing came of
 * because the tree rightly lacks their symbols: they are of other versions, or it has another of their names.
 *
 * @throws BuildError KCONFIG_SYMBOL_LOST, with fragment and line, requested and actual value and the dependency
 * that failed, for all symbols at once; KCONFIG_ALLOW_INVALID for an allowance without a reason or for a
 * symbol that no fragment requests.
 */
export function requireSurvival({ requests, actual, allow, definitions, version }: Survival): Request[] {
  const requested = new Set(requests.map(({ symbol }) => symbol));
  for (const [symbol, reason] of Object.entries(allow)) {
    if (reason.trim() === '') throw new BuildError('KCONFIG_ALLOW_INVALID', `allow.${symbol} has no reason`, { hint: 'Write why the symbol may be missing.' });
    if (!requested.has(symbol))
      throw new BuildError('KCONFIG_ALLOW_INVALID', `allow.${symbol}: no fragment requests this symbol`, { hint: 'Correct the name, or remove the entry.' });
  }
  const isDefined = (symbol: string): boolean => definitions.has(nameOf(symbol));
  const isExcused = ({ since, until, oneOf = [] }: Request): boolean => oneOf.some(isDefined) || isOutside(version, since, until);
  const absent = requests.filter((request) => !isDefined(request.symbol) && isExcused(request));
  const isLost = ({ symbol, value }: Request): boolean => (actual.get(symbol) ?? 'n') !== value || !isDefined(symbol);
  const lost = requests.filter((request) => isLost(request) && !absent.includes(request) && !(request.symbol in allow));
  // Names of one thing are told once.
  const told = lost.filter(({ symbol, oneOf = [symbol] }) => isDefined(symbol) || symbol === oneOf[0]);
  if (told.length === 0) return absent;
  const lines = told.map((one) => `  ${describe(one, actual, definitions, version)}`);
  throw new BuildError('KCONFIG_SYMBOL_LOST', [`${told.length} of ${requests.length} requested symbols did not survive:`, ...lines].join('\n'), {
    hint:
      'Set the dependencies in a fragment, correct the name, limit the line to versions that have the symbol ("# since 6.12"), ' +
      'or add the symbol to the option "allow" with a reason.',
  });
}

function isOutside(version: string | undefined, since: string | undefined, until: string | undefined): boolean {
  if (version === undefined) return false;
  return (since !== undefined && compareVersion(version, since) < 0) || (until !== undefined && compareVersion(version, until) > 0);
}

function describe(
  { symbol, value, file, line, since, until, oneOf = [] }: Request,
  actual: ReadonlyMap<string, string>,
  definitions: Definitions,
  version = 'of no version',
): string {
  const name = nameOf(symbol);
  const start = `${file}:${line}: ${symbol}=${value}, actual ${actual.get(symbol) ?? 'n'}`;
  const alternatives = definitions.get(name);
  if (!alternatives) {
    const others = oneOf.filter((other) => other !== symbol).map((other) => `, nor ${other}`);
    const bound = since ? ` since ${since}` : until ? ` until ${until}` : undefined;
    const expected = bound ? `, though it should exist${bound} and the tree is ${version}` : '';
    return `${start}; no Kconfig file defines it${others.join('')}${expected}${nearest(name, [...definitions.keys()])}`;
  }
  const [unmet = []] = alternatives.map((conditions) => conditions.filter((condition) => !isMet(condition, actual))).sort((a, b) => a.length - b.length);
  if (unmet.length > 0) return `${start}; depends on ${unmet.map((condition) => withValues(condition, actual)).join(' and ')}`;
  return value === 'n' ? `${start}; another symbol selects it` : `${start}; it cannot be set directly, or a choice decided otherwise`;
}

function nameOf(symbol: string): string {
  return symbol.replace(/^CONFIG_/, '');
}

/** `PCI && !64BIT` as Kconfig reads it; `m` counts as set, comparisons as strings. */
function isMet(condition: string, actual: ReadonlyMap<string, string>): boolean {
  const tokens = condition.match(/\|\||&&|!=|[!()=]|"[^"]*"|[\w-]+|\$\([^)]*\)/g) ?? [];
  let at = 0;
  const value = (token: string): string =>
    token.startsWith('"') ? token.slice(1, -1) : token === 'y' || token === 'n' || token === 'm' ? token : (actual.get(`CONFIG_${token}`) ?? 'n');
  const atom = (): boolean => {
    const token = tokens[at++] ?? 'n';
    if (token === '!') return !atom();
    if (token === '(') {
      const inner = or();
      at++;
      return inner;
    }
    if (tokens[at] === '=' || tokens[at] === '!=') {
      const equal = tokens[at++] === '=';
      return (value(token) === value(tokens[at++] ?? '')) === equal;
    }
    return value(token) !== 'n' || token.startsWith('$(');
  };
  const and = (): boolean => {
    let result = atom();
    while (tokens[at] === '&&') {
      at++;
      const right = atom();
      result = result && right;
    }
    return result;
  };
  const or = (): boolean => {
    let result = and();
    while (tokens[at] === '||') {
      at++;
      const right = and();
      result = result || right;
    }
    return result;
  };
  return or();
}

function withValues(condition: string, actual: ReadonlyMap<string, string>): string {
  const names = [...new Set(condition.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? [])];
  return `${condition} (${names.map((name) => `${name}=${actual.get(`CONFIG_${name}`) ?? 'n'}`).join(', ')})`;
}

function nearest(name: string, known: readonly string[]): string {
  const near = known
    .map((one) => [leven(name, one, { maxDistance: 4 }), one] as const)
    .filter(([far]) => far <= 3)
    .sort(([a], [b]) => a - b)
    .slice(0, 3);
  return near.length > 0 ? ` (did you mean ${near.map(([, one]) => one).join(', ')}?)` : '';
}

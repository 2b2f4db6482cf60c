import { BuildError } from '@container-os/core';

/** One line of a fragment that asks for a value: `n` stands for `# CONFIG_X is not set`. */
export interface Request {
  /** With the prefix: `CONFIG_VETH`. */
  symbol: string;
  value: string;
  file: string;
  line: number;
}

const SET = /^(CONFIG_\w+)=(y|m|n|-?\d+|0[xX][\da-fA-F]+|"(?:[^"\\]|\\.)*")$/;
const UNSET = /^# (CONFIG_\w+) is not set$/;
/** Kconfig would read these as comments, and leave the symbol as it is. */
const MEANT_UNSET = /^#\s*CONFIG_\w+(\s+is not set\b|=)/;

/** The requests of a fragment; comments and empty lines are skipped. `FRAGMENT_INVALID` names any other line. */
export function parseFragment(text: string, file: string): Request[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const unset = UNSET.exec(line)?.[1];
    if (unset) return [{ symbol: unset, value: 'n', file, line: index + 1 }];
    if (line === '' || (line.startsWith('#') && !MEANT_UNSET.test(line))) return [];
    const [, symbol, value] = SET.exec(line) ?? [];
    if (symbol && value) return [{ symbol, value, file, line: index + 1 }];
    throw new BuildError('FRAGMENT_INVALID', `${file}:${index + 1}: ${line} is neither CONFIG_X=value, "# CONFIG_X is not set" nor a comment`, { hint: 'A value is y, m, n, a number or a "string"; one blank follows the # of a symbol that is not set.' });
  });
}

/** The last request for each symbol, in the order of first mention: later fragments win. */
export function mergeFragments(fragments: readonly (readonly Request[])[]): Request[] {
  return [...new Map(fragments.flat().map((request) => [request.symbol, request])).values()];
}

/** Values by symbol of a finished `.config`; what is not set is `n`. */
export function parseConfig(text: string): Map<string, string> {
  return new Map(text.split('\n').flatMap((line) => {
    const [, symbol, value] = SET.exec(line) ?? [];
    return symbol && value ? [[symbol, value] as const] : [];
  }));
}

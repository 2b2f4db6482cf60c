import { BuildError } from '@container-os/core';

/** One line of a fragment that asks for a value: `n` stands for `# CONFIG_X is not set`. */
export interface Request {
  /** With the prefix: `CONFIG_VETH`. */
  symbol: string;
  value: string;
  file: string;
  line: number;
  /** The first version of the tree that has the symbol, where that is not every version: `6.12`. */
  since?: string;
  /** The last version that has it: `6.8` with all its point releases. */
  until?: string;
  /** Symbols of which a tree has one or more, this one among them: names that changed. */
  oneOf?: readonly string[];
}

const SET = /^(CONFIG_\w+)=(y|m|n|-?\d+|0[xX][\da-fA-F]+|"(?:[^"\\]|\\.)*")$/;
const UNSET = /^# (CONFIG_\w+) is not set$/;
/** Kconfig would read these as comments, and leave the symbol as it is. */
const MEANT_UNSET = /^#\s*CONFIG_\w+(\s+is not set\b|=)/;
const VERSIONS = /^# (since|until) (\d+(?:\.\d+){1,2})$/;
const ONE_OF = '# one of';
const MEANT_CONDITION = /^#\s*((since|until)\s+v?\d\S*|one of\W*)$/i;

/** Which trees have the symbols of the lines below a comment. */
interface Condition {
  line: number;
  text: string;
  of: Pick<Request, 'since' | 'until'> & { oneOf?: string[] };
  /** How many lines it has. */
  lines: number;
}

/**
 * The requests of a fragment; comments and empty lines are skipped. The comments `# since 6.12`, `# until 6.8` and
 * `# one of` tell which trees have the symbols of the lines below, up to another comment or an empty line.
 * `FRAGMENT_INVALID` names any other line.
 */
export function parseFragment(text: string, file: string): Request[] {
  const requests: Request[] = [];
  let condition: Condition | undefined;
  for (const [index, raw] of `${text}\n`.split('\n').entries()) {
    const line = raw.trim();
    const asked = parseLine(line, `${file}:${index + 1}`);
    if (asked) {
      condition?.of.oneOf?.push(asked.symbol);
      if (condition) condition.lines++;
      requests.push({ ...asked, file, line: index + 1, ...condition?.of });
    } else {
      if (condition) requireLines(condition, file);
      condition = parseCondition(line, index + 1);
    }
  }
  return requests;
}

/** Nothing for a comment or an empty line. */
function parseLine(line: string, place: string): Pick<Request, 'symbol' | 'value'> | undefined {
  const unset = UNSET.exec(line)?.[1];
  if (unset) return { symbol: unset, value: 'n' };
  if (MEANT_CONDITION.test(line) && !VERSIONS.test(line) && line !== ONE_OF) {
    throw new BuildError('FRAGMENT_INVALID', `${place}: ${line} is neither "# since 6.12", "# until 6.8" nor "# one of"`, {
      hint: 'A version has two or three numbers; the line has nothing else.',
    });
  }
  if (line === '' || (line.startsWith('#') && !MEANT_UNSET.test(line))) return undefined;
  const [, symbol, value] = SET.exec(line) ?? [];
  if (symbol && value) return { symbol, value };
  throw new BuildError('FRAGMENT_INVALID', `${place}: ${line} is neither CONFIG_X=value, "# CONFIG_X is not set" nor a comment`, {
    hint: 'A value is y, m, n, a number or a "string"; "# CONFIG_X is not set" has one blank after the #.',
  });
}

function parseCondition(text: string, line: number): Condition | undefined {
  const [, bound, version] = VERSIONS.exec(text) ?? [];
  if (bound) return { line, text, of: { [bound]: version }, lines: 0 };
  return text === ONE_OF ? { line, text, of: { oneOf: [] }, lines: 0 } : undefined;
}

function requireLines({ line, text, of, lines }: Condition, file: string): void {
  const least = of.oneOf ? 2 : 1;
  if (lines >= least) return;
  throw new BuildError('FRAGMENT_INVALID', `${file}:${line}: ${text} applies to ${lines} of the lines below, expected at least ${least}`, {
    hint: 'The comment applies to the lines right below it, up to the next comment or empty line.',
  });
}

/** The last request for each symbol, in the order of first mention: later fragments win. */
export function mergeFragments(fragments: readonly (readonly Request[])[]): Request[] {
  return [...new Map(fragments.flat().map((request) => [request.symbol, request])).values()];
}

/** Values by symbol of a finished `.config`; what is not set is `n`. */
export function parseConfig(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, symbol, value] = SET.exec(line) ?? [];
      return symbol && value ? [[symbol, value] as const] : [];
    }),
  );
}

import { BuildError } from '@container-os/core';

/** One line of a fragment: a value wanted for a symbol, and where it is wanted. */
export interface Setting {
  /** With its prefix, as it stands in the file: `CONFIG_OVERLAY_FS`. */
  symbol: string;
  /** As written after the equals sign: `y`, `m`, `115200`, `"ttyS0"`; `n` for `# CONFIG_… is not set`. */
  value: string;
  /** Name of the fragment. */
  file: string;
  /** Counted from 1. */
  line: number;
}

const ASSIGNMENT = /^(CONFIG_\w+)=(y|m|n|-?\d+|0x[\da-f]+|"(?:[^"\\]|\\.)*")$/i;
const NOT_SET = /^# (CONFIG_\w+) is not set$/;

/**
 * The settings of a fragment, in its order. kconfig's own reader skips a line that it cannot read; here
 * that is `FRAGMENT_INVALID`, with the fragment's name and the line.
 *
 * @example
 * parseFragment('CONFIG_VETH=y\n# CONFIG_WLAN is not set\n', 'kernel/network.config');
 */
export function parseFragment(text: string, file: string): Setting[] {
  return text.split('\n').flatMap((raw, index) => {
    const setting = parseLine(raw.trim());
    if (setting) return [{ ...setting, file, line: index + 1 }];
    if (raw.trim() === '' || isComment(raw.trim())) return [];
    throw new BuildError('FRAGMENT_INVALID', `${file}:${index + 1}: expected CONFIG_<SYMBOL>=<value> or "# CONFIG_<SYMBOL> is not set", found ${JSON.stringify(raw)}`, {
      hint: 'Correct the line; a comment begins with #, a string value stands in double quotes.',
    });
  });
}

function parseLine(line: string): Pick<Setting, 'symbol' | 'value'> | undefined {
  const [, symbol, value] = ASSIGNMENT.exec(line) ?? [];
  if (symbol && value) return { symbol, value };
  const off = NOT_SET.exec(line)?.[1];
  return off ? { symbol: off, value: 'n' } : undefined;
}

/** `#CONFIG_X is not set` switches nothing off: taken for a comment, it would be lost without a word. */
function isComment(line: string): boolean {
  return line.startsWith('#') && !/^#\s*CONFIG_\w+\s+is\s+not\s+set/i.test(line);
}

const ESCAPED: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' };

/** Escapes in double quotes: `\n` and its like, `\0` with three octal digits; `\$` becomes `$$`, which interpolation makes a `$`. Others stay. */
export function expandEscapes(text: string): string {
  return text.replace(/\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g, (whole, letter: string | undefined, digits: string | undefined) => {
    if (letter === '$') return '$$';
    if (letter !== undefined) return ESCAPED[letter] ?? whole;
    return /^[0-3][0-7]{2}$/.test(digits!) ? String.fromCharCode(Number.parseInt(digits!, 8)) : `\\${digits}`;
  });
}

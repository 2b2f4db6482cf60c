/**
 * What a driver matches, in hexadecimal digits: a device of a vendor (`8086:` and `2922`), or all devices of a vendor or of any (`*`) whose
 * class begins with the digits (`*\/` and `010601`).
 */
export type PciMatch = [vendor: string, digits: string];

const FIELDS = ['vendor', 'device', 'subvendor', 'subdevice', 'class', 'class_mask'];
/** Linux's PCI_ANY_ID, as 16 bits. */
const ANY = 0xffffn;

/** Parses preprocessed initializers of `struct pci_device_id`: entries in braces, fields by position or name. */
export function parseTable(text: string): PciMatch[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].flatMap(([, entry = '']) => {
    const fields: Record<string, bigint | undefined> = {};
    let position = 0;
    for (const field of splitFields(entry)) {
      const named = /^\.(\w+)\s*=(.*)$/s.exec(field);
      const name = named?.[1] ?? FIELDS[position] ?? '';
      position = FIELDS.includes(name) ? FIELDS.indexOf(name) + 1 : FIELDS.length;
      fields[name] = evaluate(named?.[2] ?? field);
    }
    const { vendor, device, class: code = 0n, class_mask: mask = 0n } = fields;
    // The last entry is all zeros. A value that only the compiler knows, such as an enumerator, is left out.
    if (vendor === undefined || device === undefined || vendor === 0n) return [];
    const digits = (value: bigint, length: number): string => (value & ((1n << BigInt(4 * length)) - 1n)).toString(16).padStart(length, '0');
    const maker = (vendor & ANY) === ANY ? '*' : digits(vendor, 4);
    if ((device & ANY) !== ANY) return [[`${maker}:`, digits(device, 4)]];
    const prefix = digits(code, 6).slice(0, /^f*/.exec(digits(mask, 6))?.[0].length);
    return maker === '*' && prefix === '' ? [] : [[`${maker}/`, prefix]];
  });
}

/** One line per driver: its symbol, then `VENDOR:DEVICES` and `VENDOR/CLASS` words. */
export function encodeTable(drivers: ReadonlyMap<string, readonly PciMatch[]>): string {
  const lines = [...drivers].flatMap(([symbol, matches]) => {
    const words = new Map<string, Set<string>>();
    for (const [vendor, digits] of matches) {
      const word = vendor.endsWith('/') ? `${vendor}${digits}` : vendor;
      words.set(word, (words.get(word) ?? new Set()).add(vendor.endsWith('/') ? '' : digits));
    }
    return words.size === 0 ? [] : [[symbol, ...[...words].map(([word, devices]) => word + [...devices].sort().join(''))].join(' ')];
  });
  return `${lines.sort().join('\n')}\n`;
}

/** Splits at the commas outside parentheses. */
function splitFields(entry: string): string[] {
  const fields = [''];
  let depth = 0;
  for (const character of entry) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (character === ',' && depth === 0) fields.push('');
    else fields.push(`${fields.pop() ?? ''}${character}`);
  }
  return fields.map((field) => field.trim()).filter((field) => field !== '');
}

const OPERATORS: Record<string, (a: bigint, b: bigint) => bigint> = {
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '?:': (a, b) => a || b,
};
/** Tightest binding first. */
const PRECEDENCE = [['<<', '>>'], ['&'], ['|'], ['?:']];

/** Evaluates a constant expression of C; undefined if it has anything but numbers and the operators that these tables use. */
function evaluate(expression: string): bigint | undefined {
  const tokens = expression.replace(/\(unsigned\)|(?<=\d|\b0x[\da-f]+)u?l*\b/gi, '').match(/0x[\da-f]+|\d+|<<|>>|\?:|\S/gi) ?? [];
  const operand = (): bigint => {
    const token = tokens.shift() ?? '';
    if (token === '~') return ~operand();
    if (token !== '(') return BigInt(token || 'none');
    const value = term(PRECEDENCE.length - 1);
    if (tokens.shift() !== ')') throw new SyntaxError(expression);
    return value;
  };
  const term = (level: number): bigint => {
    const next = (): bigint => (level === 0 ? operand() : term(level - 1));
    let value = next();
    while (PRECEDENCE[level]?.includes(tokens[0] ?? '')) value = OPERATORS[tokens.shift() ?? '']?.(value, next()) ?? value;
    return value;
  };
  try {
    const value = term(PRECEDENCE.length - 1);
    return tokens.length === 0 ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

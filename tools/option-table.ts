/** The part of a schema.json that a table of options shows. */
export interface OptionsSchema {
  title: string;
  required?: string[];
  properties?: Record<string, OptionSchema>;
  /** What `$ref` names. */
  definitions?: Record<string, OptionSchema>;
}

interface OptionSchema {
  $ref?: string;
  /** Several: what is a list may be an object too. */
  type?: string | string[];
  required?: string[];
  properties?: Record<string, OptionSchema>;
  enum?: unknown[];
  items?: OptionSchema;
  additionalProperties?: OptionSchema | boolean;
  description?: string;
  default?: unknown;
}

/**
 * The Markdown table of an executor's options, under a heading when the package has several executors.
 *
 * @example
 * optionTable({ title: 'IsoOptions', properties: { timeout: { type: 'integer', default: 0, description: 'Seconds.' } } })
 */
export function optionTable(schema: OptionsSchema, heading?: string): string {
  const title = heading ? `### \`${heading}\`\n\n` : '';
  const rows = rowsOf(withoutReferences(schema));
  if (rows.length === 0) return `${title}No options.\n`;
  return `${title}${[row(['option', 'type', 'default', 'what it does']), row(['---', '---', '---', '---']), ...rows].join('\n')}\n`;
}

function withoutReferences({ definitions = {}, ...schema }: OptionsSchema): OptionsSchema {
  const nameIn = (value: unknown): string => (value as OptionSchema | null)?.$ref?.slice('#/definitions/'.length) ?? '';
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) => definitions[nameIn(value)] ?? value) as OptionsSchema;
}

/** A row for each option, and one for each key of an option that is an object: `kernel.base`, `artifacts.*.executor`. */
function rowsOf({ properties = {}, required }: Pick<OptionSchema, 'properties' | 'required'>, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, option]) => {
    const fallback = required?.includes(name) ? 'required' : option.default === undefined ? '' : code(JSON.stringify(option.default));
    const own = row([code(`${prefix}${name}`), typeOf(option), fallback, option.description ?? '']);
    const values = typeof option.additionalProperties === 'object' ? rowsOf(option.additionalProperties, `${prefix}${name}.*.`) : [];
    return [own, ...rowsOf(option, `${prefix}${name}.`), ...values, ...(option.items ? rowsOf(option.items, `${prefix}${name}[].`) : [])];
  });
}

function typeOf(option: OptionSchema): string {
  if (option.enum) return option.enum.map((value) => code(String(value))).join(', ');
  if (Array.isArray(option.type)) return option.type.map((type) => typeOf({ ...option, type })).join(' or ');
  if (option.type === 'array') return `list of ${option.items ? typeOf(option.items) : 'any'}`;
  if (option.type === 'object' && typeof option.additionalProperties === 'object') return `map to ${typeOf(option.additionalProperties)}`;
  return option.type ?? 'any';
}

function code(text: string): string {
  return `\`${text}\``;
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

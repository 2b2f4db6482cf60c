import { formatForms, type Key, type Keys, type Limit, type Status } from '@container-os/compose-file';

/**
 * The Markdown table of the keys of a Compose file. A key whose whole value is refused or without effect has one row.
 *
 * @example
 * composeKeys(fileKeys) // | `services.*.image` | text | Name of the image. | refused: … |
 */
export function composeKeys(keys: Keys): string {
  const rows = Object.entries(keys).flatMap(([name, key]) => rowsOf(name, key, { class: 'done' }));
  return `${[row(['key', 'value', 'meaning', 'on this OS']), row(['---', '---', '---', '---']), ...rows].join('\n')}\n`;
}

function rowsOf(path: string, key: Key, around: Status): string[] {
  const status = key.status ?? around;
  const own = key.description ? [row([`\`${path}\``, formatForms(key.forms), key.description, effectOf(status)])] : [];
  return status.class === 'done' ? [...own, ...inner(path, key, status)] : own;
}

function inner(path: string, key: Key, status: Status): string[] {
  return key.forms.flatMap((form) => {
    if (form.kind === 'object') return Object.entries(form.keys).flatMap(([name, one]) => rowsOf(`${path}.${name}`, one, status));
    if (form.kind === 'dictionary' && form.values) return rowsOf(`${path}.*`, form.values, status);
    return form.kind === 'list' ? rowsOf(`${path}[]`, form.items, status) : [];
  });
}

function effectOf(status: Status): string {
  if (status.class !== 'done') return limitOf(status);
  return ['done', ...(status.except ?? []).map(({ value, status: one }) => `\`${value}\` ${limitOf(one)}`)].join('; ');
}

function limitOf(status: Limit): string {
  return `${status.class}: ${status.reason}${status.class === 'refused' ? ` ${status.instead}` : ''}`;
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

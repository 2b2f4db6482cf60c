import { ComposeError, formatPlace } from '../errors.ts';
import { formatForms, formatPath, type Form, type Key, type Path } from '../keys/key.ts';
import { table } from '../keys/project.ts';
import { typeFault } from '../keys/faults.ts';
import { describe, equal } from '../keys/tree.ts';
import { TimestampValue, type ListNode, type MapNode, type Node, type ScalarNode } from '../yaml/node.ts';

/** Refuses what the forms of the table do not allow. */
export function validate(tree: MapNode): void {
  check(tree, table, []);
}

function check(node: Node, key: Key, at: Path): void {
  const form = key.forms.find((one) => fits(node, one));
  if (!form) throw typeFault(node, at, formatForms(key.forms), hintFor(node, key.forms));
  if (form.kind === 'list') checkList(node as ListNode, form, at);
  else if (form.kind === 'object') checkObject(node as MapNode, form, at);
  else if (form.kind === 'dictionary') checkDictionary(node as MapNode, form, at);
  else checkScalar(node as ScalarNode, form, at);
}

/** Whether a form is of the kind of the node. */
function fits(node: Node, { kind }: Form): boolean {
  if (node.kind !== 'scalar') return node.kind === 'list' ? kind === 'list' : kind === 'object' || kind === 'dictionary';
  const { value } = node;
  if (value === null) return kind === 'null';
  if (value instanceof TimestampValue) return false;
  if (typeof value === 'string') return kind === 'text';
  if (typeof value === 'boolean') return kind === 'boolean';
  return kind === 'number' || (kind === 'integer' && (typeof value === 'bigint' || Number.isInteger(value)));
}

function hintFor(node: Node, forms: readonly Form[]): string {
  const takesText = forms.some(({ kind }) => kind === 'text');
  if (node.kind === 'scalar' && node.value === null) return 'Write a value, or delete the key.';
  if (node.kind === 'scalar' && takesText) return `Write "${node.source}", in quotes.`;
  return `Write ${formatForms(forms)}.`;
}

function checkScalar({ value, place }: ScalarNode, form: Form & { kind: 'text' | 'integer' | 'number' | 'boolean' | 'null' }, at: Path): void {
  const fault = (expected: string): ComposeError =>
    new ComposeError('COMPOSE_VALUE', place, `${formatPath(at)}: expected ${expected}, got ${JSON.stringify(String(value))}`, { hint: `Write ${expected}.` });
  if (form.kind === 'text') {
    if (form.values && !form.values.includes(String(value))) throw fault(form.values.length > 1 ? `one of ${form.values.join(', ')}` : `${form.values[0]}`);
    if (form.pattern && !new RegExp(form.pattern, 'u').test(String(value))) throw fault(`a text that has ${form.pattern}`);
  } else if (form.kind === 'integer' || form.kind === 'number') {
    if (form.minimum !== undefined && Number(value) < form.minimum) throw fault(`a number from ${form.minimum} on`);
    if (form.maximum !== undefined && Number(value) > form.maximum) throw fault(`a number up to ${form.maximum}`);
  }
}

function checkList({ items }: ListNode, form: Form & { kind: 'list' }, at: Path): void {
  for (const [index, item] of items.entries()) check(item, form.items, [...at, index]);
  if (!form.unique) return;
  for (const [index, item] of items.entries()) {
    const twin = items.slice(0, index).find((other) => equal(other, item));
    if (twin)
      throw new ComposeError(
        'COMPOSE_TWICE',
        item.place,
        `${formatPath([...at, index])}: ${describe(item)} is in the list twice, first at ${formatPlace(twin.place)}`,
        {
          hint: 'Delete one of both.',
        },
      );
  }
}

function checkObject(node: MapNode, form: Form & { kind: 'object' }, at: Path): void {
  for (const [name, { keyPlace, value }] of node.entries) {
    const key = Object.hasOwn(form.keys, name) ? form.keys[name] : undefined;
    if (key) check(value, key, [...at, name]);
    else if (!form.open && !(form.extensible && name.startsWith('x-')))
      throw unknownKey(name, keyPlace, Object.keys(form.keys), at, isOfCompose1(node, value, at));
  }
  const missing = form.required?.find((name) => !node.entries.has(name));
  if (missing) throw new ComposeError('COMPOSE_MISSING', node.place, `${formatPath(at)}: "${missing}" is missing`, { hint: `Add "${missing}".` });
}

/** The first version had services at the top. */
function isOfCompose1(node: MapNode, value: Node, at: Path): boolean {
  return at.length === 0 && !node.entries.has('services') && value.kind === 'map' && ['image', 'build'].some((key) => value.entries.has(key));
}

function unknownKey(name: string, place: MapNode['place'], known: readonly string[], at: Path, ofCompose1: boolean): ComposeError {
  const similar = known.find((other) => distance(name, other) <= 2);
  const hint = ofCompose1
    ? 'Put all services below "services:": the file has the form of Compose 1.'
    : similar
      ? `Write "${similar}".`
      : known.length > 12
        ? 'Delete the key; own keys begin with x-.'
        : `Write one of ${known.join(', ')}.`;
  return new ComposeError('COMPOSE_UNKNOWN_KEY', place, `${formatPath([...at, name])}: Compose has no such key`, { hint });
}

/** How many letters differ, as far as 2 of them. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, against] of [...other].entries())
      next.push(Math.min(row[column]! + (letter === against ? 0 : 1), row[column + 1]! + 1, next[column]! + 1));
    row = next;
  }
  return row.at(-1)!;
}

function checkDictionary(node: MapNode, form: Form & { kind: 'dictionary' }, at: Path): void {
  const names = new RegExp(form.names, 'u');
  for (const [name, { keyPlace, value }] of node.entries) {
    if (names.test(name)) {
      if (form.values) check(value, form.values, [...at, name]);
    } else if (!form.open && !(form.extensible && name.startsWith('x-')))
      throw new ComposeError('COMPOSE_NAME', keyPlace, `${formatPath(at)}: ${JSON.stringify(name)} is not a name`, {
        hint: form.names.includes('._-') ? 'Write letters, digits, ".", "_" and "-" only.' : 'Write a name.',
      });
  }
}

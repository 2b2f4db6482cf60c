import { posix } from 'node:path';
import { ComposeError } from '../errors.ts';
import type { Warn } from '../interpolate/interpolate.ts';
import type { Place } from '../yaml/node.ts';

/** One entry of `volumes` in its long form. */
export interface Volume {
  readonly type: 'bind' | 'volume';
  /** Of a bind the path as written; absent: an anonymous volume. */
  readonly source?: string;
  readonly target: string;
  readonly read_only?: true;
  readonly bind?: { readonly propagation?: string; readonly selinux?: string; readonly create_host_path?: true };
  readonly volume?: { readonly nocopy?: true };
}

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];
/** Of Docker Desktop for macOS; nobody misses them elsewhere. */
const CONSISTENCIES = ['cached', 'delegated', 'consistent'];

/**
 * A short form of `volumes`, `[source:]target[:options]`. A source that begins with `.`, `/` or `~`, or is a Windows path, is a bind; another is a named
 * volume.
 *
 * @throws ComposeError on empty parts, and on a volume with a name of one letter, which the reference takes for a Windows drive without a word
 * @example
 * parseVolume('./conf:/etc/app:ro', place);
 */
export function parseVolume(text: string, place: Place, warn: Warn = () => {}): Volume {
  const fail = (reason: string, hint = 'Write [source:]target[:options], such as ./conf:/etc/app:ro.'): never => {
    throw new ComposeError('COMPOSE_VOLUME', place, `volume "${text}": ${reason}`, { hint });
  };
  if (text === '') fail('expected a volume, got an empty string');
  // Two bytes have no room for a source; the reference gives such a volume no options.
  if (Buffer.byteLength(text) <= 2) return { type: 'volume', target: clean(text) };
  const parts = split(text);
  if (parts.includes('')) fail('a part between colons is empty');
  if (parts.length > 3) fail('expected at most three parts between colons', 'Write options with commas: /a:/b:ro,z.');
  refuseDrive(text, parts, fail);
  const [source, target, options] = parts.length === 1 ? [undefined, parts[0]!] : (parts as [string, string, string?]);

  const isBind = source !== undefined && (/^(?:[./~]|\\\\)/.test(source) || /^\p{L}:/u.test(source));
  let readOnly = false;
  const bind: { propagation?: string; selinux?: string } = {};
  let noCopy = false;
  for (const option of options?.split(',') ?? []) {
    if (option === 'ro' || option === 'rw') readOnly = option === 'ro';
    else if (option === 'nocopy') noCopy = true;
    else if (option === 'z' || option === 'Z') bind.selinux = option;
    else if (PROPAGATIONS.includes(option)) bind.propagation = option;
    else if (option !== '' && !CONSISTENCIES.includes(option)) warn(place, `volume "${text}": option ${option} is unknown and has no effect`);
  }
  return {
    type: isBind ? 'bind' : 'volume',
    ...(source !== undefined && { source }),
    target: clean(target),
    ...(readOnly && { read_only: true }),
    ...(isBind ? { bind: { ...bind, create_host_path: true } } : Object.keys(bind).length > 0 && { bind }),
    ...((!isBind || noCopy) && { volume: noCopy ? { nocopy: true } : {} }),
  };
}

/** The parts between colons; the colon after a part of one letter is that of a Windows drive. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (character === ':' && !/^\p{L}$/u.test(part)) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part];
}

/** `n:/data` and `n:/data:ro` mean a volume n; `c:/data:/data` is a bind of a Windows path. */
function refuseDrive(text: string, [first, second]: string[], fail: (reason: string, hint: string) => never): void {
  const letter = /^(\p{L}):/u.exec(first!)?.[1];
  if (letter === undefined || /^(?:[/\\]|\p{L}:)/u.test(second ?? '')) return;
  const rest = text.slice(letter.length + 1);
  fail(
    `${letter}: would be a Windows drive, not the volume ${letter}`,
    `Give the volume a longer name, or write the long form: {type: volume, source: ${letter}, target: ${rest.split(':')[0]}}.`,
  );
}

/** Go's filepath.Clean, which strips the last slash as well. */
function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

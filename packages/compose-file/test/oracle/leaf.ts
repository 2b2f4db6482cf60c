import fc from 'fast-check';
import { ComposeError } from '../../src/errors.ts';
import { parseEnvFile } from '../../src/env-file/parse.ts';
import { interpolate } from '../../src/interpolate/interpolate.ts';
import { formatDuration, parseDuration } from '../../src/values/duration.ts';
import { parseDevice } from '../../src/values/device.ts';
import { parseExtraHost } from '../../src/values/extra-host.ts';
import { parsePort } from '../../src/values/port.ts';
import { parseSize } from '../../src/values/size.ts';
import { parseVolume } from '../../src/values/volume.ts';
import { splitWords } from '../../src/values/words.ts';
import { parseYaml } from '../../src/yaml/parse.ts';
import { plain } from '../plain.ts';
import type { Answer } from './case.ts';

/** Something that the package reads from a text, and how the reference is asked for it. Answers are JSON, or `refused` with our reason. */
export interface Leaf {
  readonly name: string;
  readonly texts: fc.Arbitrary<string>;
  readonly files: (text: string) => Readonly<Record<string, string>>;
  readonly ours: (text: string) => string;
  readonly theirs: (answer: Answer) => string;
  /** Whether the answers differ for a reason, which a comment beside it gives. */
  readonly wilful?: (ours: string, theirs: string, text: string) => boolean;
}

interface Config {
  readonly services: { readonly s: Readonly<Record<string, unknown>> };
  readonly [key: `x-${string}`]: unknown;
}

const place = { file: 'f', line: 1, column: 1 };
const UNSET = (): undefined => undefined;

export const leaves: readonly Leaf[] = [
  {
    name: 'interpolation',
    texts: textsOf(
      ['$', '${', '}', '{', '${A}', '${U:-', '${E-', '${U?', 'A', 'U', 'E', ':-', '-', ':?', '?', ':+', '+', '$$'],
      ['x', '1', '\n', ' ', '"', "'", '\\', '_', ':', '/', 'é'],
    ),
    files: (text) => ({ 'compose.yaml': `services: { s: { image: i } }\nx-a: ${JSON.stringify(text)}\n`, '.env': `A='v$a'\nE=\n` }),
    ours: (text) =>
      answerOf(() =>
        interpolate(
          text,
          (name) => ({ A: 'v$a', E: '' })[name],
          place,
          () => {},
        ),
      ),
    theirs: (answer) => take(answer, (config) => config['x-a']),
  },
  {
    name: 'env file',
    texts: envFiles(),
    files: (text) => ({ 'compose.yaml': 'services: { s: { image: i, env_file: e } }\n', e: text, '.env': `X='v\\x'\n` }),
    ours: (text) => answerOf(() => variables(text)),
    theirs: (answer) => take(answer, (config) => config.services.s['environment'] ?? {}),
    // A variable without a name is what the reference makes of text that it cannot place; it loses what follows a closing quote without a word.
    wilful: (ours, theirs) => ours.includes('is lost') || (ours.startsWith('refused') && theirs.includes('"":')),
  },
  {
    name: 'raw env file',
    texts: envFiles(),
    files: (text) => ({ 'compose.yaml': 'services: { s: { image: i, env_file: [{ path: e, format: raw }] } }\n', e: text, '.env': `X='v\\x'\n` }),
    ours: (text) => answerOf(() => variables(text, 'raw')),
    theirs: (answer) => take(answer, (config) => config.services.s['environment'] ?? {}),
  },
  {
    name: 'command',
    texts: textsOf(
      ['a', 'b c', ' ', '\n', '"', "'", '\\', '"a b"', "'c'", '\\"'],
      ['`', '$(', ')', '(', '$', '&&', ';', '>', '1', 'é', '\t', '#', '{', '\u00A0', '='],
    ),
    ...inService(
      (text) => `command: ${text}`,
      'command',
      (text) => splitWords(text, place),
    ),
    // The reference drops a shell operator and all after it.
    wilful: (ours) => ours.includes('would be dropped'),
  },
  {
    name: 'duration',
    texts: fc.oneof(
      wellFormed(['', '-'], ['1', '90', '1.5', '.25', '0'], ['ms', 's', 'm', 'h', 'd', 'w'], ['', '2s', '0.1us', '1000000h']),
      textsOf(['1', '0', '5', '.', 's', 'm', 'h', 'd', 'w', 'ms', 'us', 'ns', '1s', '1.5h', '90m'], ['µs', '-', '+', '123456789', 'y', ' ', '_']),
    ),
    ...inService(
      (text) => `stop_grace_period: ${text}`,
      'stop_grace_period',
      (text) => formatDuration(parseDuration(text, place)),
    ),
  },
  {
    name: 'size',
    texts: fc.oneof(
      wellFormed(['1', '1.5', '.5', '1e3', '1_0', '64'], ['', ' '], ['', 'b', 'k', 'KB', 'MiB', 'g', 'T', 'p']),
      textsOf(['1', '0', '5', '.', 'k', 'm', 'g', 't', 'b', 'kb', 'KiB', '1.5', '64'], ['p', 'Ki', 'i', ' ', '_', 'e3', '-', '+', 'x']),
    ),
    // No memory is the same as no limit.
    ...inService(
      (text) => `mem_limit: ${text}`,
      'mem_limit',
      (text) => (parseSize(text, place) === 0n ? undefined : String(parseSize(text, place))),
    ),
    // A size of more than 63 bits is a negative one for the reference.
    wilful: (ours, theirs) => ours.includes('pebibytes') && theirs === '"-9223372036854775808"',
  },
  {
    name: 'port',
    texts: fc.oneof(
      wellFormed(
        ['', ':', '80:', '0:', '90-91:', '1-3:', '127.0.0.1:80:', '127.0.0.1::', '[::1]:7-9:'],
        ['80', '92-93', '8-10', '65535'],
        ['', '/udp', '/TCP', '/sctp', '/'],
      ),
      textsOf(
        ['80', '8080', '90-91', '92-93', ':', ':', '127.0.0.1', '/tcp', '/udp'],
        ['1-3', '[::1]', '::1', '/UDP', '/x', '0', '65536', '-', 'a', '.', 'localhost', ' '],
      ),
    ),
    ...inService(
      (text) => `ports: [${text}]`,
      'ports',
      (text) => parsePort(text, place),
    ),
    // The reference drops a third part of a range or of the protocol.
    wilful: (ours, _, text) => ours.startsWith('refused') && /-[^:/]*-|\/.*\//.test(text),
  },
  {
    name: 'volume',
    texts: textsOf(
      ['/', '/d', '/b', 'vol', '/x', ':', ':', 'ro', 'rw', 'z', ',', 'nocopy'],
      ['n', 'Z', 'rshared', 'slave', 'c', '\\', 'a b', 'foo', '..', '1', 'é'],
    ),
    // A relative source is made absolute later.
    ...inService(
      (text) => `volumes: [${text}]`,
      'volumes',
      (text) => [parseVolume(text, place)],
      '\nvolumes: { vol: }\n',
    ),
    wilful: (ours, theirs) => theirs.includes('undefined volume') || ours.includes('Windows drive') || /"source":"[^/].*"bind"/.test(ours),
  },
  {
    name: 'device',
    texts: fc.oneof(
      wellFormed(['/dev/a', 'v/c=d'], ['', ':', ':/dev/b'], ['', ':r', ':rw', ':']),
      textsOf(['/dev/a', '/dev/b', ':', ':', 'r', 'w', 'm'], ['v/c=d', 'x', ' ']),
    ),
    ...inService(
      (text) => `devices: [${text}]`,
      'devices',
      (text) => {
        const { permissions, ...rest } = parseDevice(text, place);
        return [{ ...rest, ...(permissions && { permissions }) }];
      },
    ),
  },
  {
    name: 'extra host',
    texts: textsOf(['a', 'b', ':', '=', '1.1.1.1', '::1'], ['[', ']', '[::2]', 'host-gateway', ' ']),
    ...inService(
      (text) => `extra_hosts: [${text}]`,
      'extra_hosts',
      (text) => {
        const { name, addresses } = parseExtraHost(text, place);
        return addresses.map((address) => `${name}=${address}`);
      },
    ),
  },
  {
    name: 'YAML',
    texts: textsOf(
      ['a', 'b', '1', '010', '"q"', "'s'", ': ', '- ', '\n', '\n  ', '\n    ', ', ', '[', ']', '{', '}', ' ', '!override ', '<<: ', '? '],
      [
        ':',
        '# c',
        '&x ',
        '*x',
        '|\n  ',
        '>-\n   ',
        '!!str ',
        '~',
        '\\',
        '"',
        'yes',
        '0x1F',
        '1_0',
        '2001-01-01',
        '--- ',
        '.5',
        '=',
        '%',
        '@',
        '-',
        '1e400',
        '!foo ',
      ],
    ),
    files: (text) => ({ 'compose.yaml': `services: { s: { image: i } }\nx-a: ${text}\n` }),
    ours: (text) =>
      answerOf(() => {
        const [first, ...more] = parseYaml(`x-a: ${text}\n`, 'f').map((document) => withoutTags(plain(document)));
        return more.length > 0 ? 'documents' : (first as { 'x-a'?: unknown })['x-a'];
      }),
    theirs: (answer) => take(answer, (config) => config['x-a']),
    // The two parsers differ on what is no YAML, or hardly: it is refused by one of them. What the file says besides is refused by the reference's schema.
    wilful: (ours, theirs) => ours.startsWith('refused') || theirs.startsWith('refused'),
  },
];

function inService(key: (text: string) => string, name: string, read: (text: string) => unknown, rest = '\n'): Pick<Leaf, 'files' | 'ours' | 'theirs'> {
  return {
    files: (text) => ({ 'compose.yaml': `services: { s: { image: i, ${key(JSON.stringify(text.replaceAll('$', '$$$$')))} } }${rest}` }),
    ours: (text) => answerOf(() => read(text)),
    theirs: (answer) => take(answer, (config) => config.services.s[name]),
  };
}

/** One of each list. */
function wellFormed(...parts: readonly (readonly string[])[]): fc.Arbitrary<string> {
  return fc.tuple(...parts.map((part) => fc.constantFrom(...part))).map((chosen) => chosen.join(''));
}

/** Sequences of parts, of which the second ones are seldom. */
function textsOf(often: readonly string[], seldom: readonly string[]): fc.Arbitrary<string> {
  const part = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...often) }, { weight: 1, arbitrary: fc.constantFrom(...seldom) });
  return fc.array(part, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(''));
}

function envFiles(): fc.Arbitrary<string> {
  const values = ['', 'u', 'u # c', 'u#n', "'$X'", '"a\\n$X"', '$A', '${U:-d e}', '"x\ny"', "'it\\'s'", '"\\$X\\0101"', '\\$X', '"q" # c', '$$x'];
  const line = fc.oneof(
    { weight: 5, arbitrary: wellFormed(['', 'export ', '  '], ['A', 'B', 'X', 'X-Y.z'], ['=', ': ', ' = '], values, ['', ' ', '\r']) },
    { weight: 1, arbitrary: fc.constantFrom('', '# c', '  # d', 'A', 'X', 'export X', 'U') },
  );
  const noise = textsOf(
    ['A', 'B', 'X', '=', '=', '\n', '\n', '"', "'", '$X', 'a', 'A=', '\nA="', "\nB='", ' #'],
    [': ', ':', '\\', '\\n', '${A}', '${U:-', '}', '$', ' ', '#', 'export ', '\t', '\r\n', '\\"', "\\'", '\\$', 'é', '.', '-', '\\0', '101', 'x y'],
  );
  return fc.oneof(
    fc.array(line, { maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`),
    noise,
  );
}

function variables(text: string, format?: 'raw'): Record<string, string> {
  const entries = parseEnvFile(text, 'e', (name) => (name === 'X' ? 'v\\x' : UNSET()), { format, warn: () => {} });
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, value]));
}

function withoutTags(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTags);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutTags(inner)] as const);
  return entries.length === 1 && entries[0]![0] === '!override' ? entries[0]![1] : Object.fromEntries(entries);
}

function answerOf(read: () => unknown): string {
  try {
    return write(read());
  } catch (error) {
    if (error instanceof ComposeError) return `refused: ${error.reason}`;
    throw error;
  }
}

function take(answer: Answer, from: (config: Config) => unknown): string {
  if ('refused' in answer) return `refused: ${answer.refused}`;
  return write(JSON.parse(JSON.stringify(from(answer.config as Config) ?? null).replaceAll('$$', '$')));
}

/** JSON with sorted keys, integers as the numbers that JSON.parse makes of them. */
function write(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return Number(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

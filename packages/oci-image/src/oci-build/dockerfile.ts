import { BuildError } from '@container-os/core/errors';

/** A Dockerfile's instruction: its keyword in capital letters, its arguments in one line. */
interface Instruction {
  keyword: string;
  rest: string;
}

/**
 * The images of registries that a Dockerfile begins a stage with or copies from, each once, as they are written, with the values of `args` filled in.
 *
 * @throws BuildError DOCKERFILE_INVALID, BUILD_SECRET_UNSUPPORTED
 *
 * @example
 * imagesOf('FROM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /x /', {}); // ['golang:1.23']
 */
export function imagesOf(text: string, args: Readonly<Record<string, string>>): string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>(['scratch']);
  const images = new Set<string>();
  let stage = -1;
  const add = (name: string): void => {
    const image = substitute(name, values);
    if (image === '') throw invalid(`FROM ${name} names no image: give the argument a value, or a default in the Dockerfile`);
    if (!stages.has(image.toLowerCase()) && !/^\d+$/.test(image)) images.add(image);
  };
  for (const { keyword, rest } of instructionsOf(text)) {
    if (keyword === 'ARG' && stage < 0) for (const [name, value] of argumentsOf(rest, values)) values.set(name, args[name] ?? value);
    if (keyword === 'FROM') {
      const [image = '', as, name] = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
      add(image);
      stage++;
      if (as?.toLowerCase() === 'as' && name) stages.add(name.toLowerCase());
    }
    for (const flag of flagsOf(rest)) {
      if (keyword === 'COPY' && flag.startsWith('--from=')) add(flag.slice('--from='.length));
      if (keyword !== 'RUN' || !flag.startsWith('--mount=')) continue;
      const mount = new Map(
        flag
          .slice('--mount='.length)
          .split(',')
          .map((part) => part.split('=', 2) as [string, string]),
      );
      const type = mount.get('type') ?? 'bind';
      if (type === 'secret' || type === 'ssh')
        throw new BuildError('BUILD_SECRET_UNSUPPORTED', `RUN ${flag}: a build gets no secret and no socket of this machine`, {
          hint: 'Fetch what needs a secret before the build, into its context.',
        });
      const from = mount.get('from');
      if (from !== undefined) add(from);
    }
  }
  if (stage < 0) throw invalid('it has no FROM');
  return [...images];
}

/** Flags stand before everything else. */
function flagsOf(rest: string): string[] {
  const words = rest.split(/\s+/);
  const end = words.findIndex((word) => !word.startsWith('--'));
  return words.slice(0, end < 0 ? words.length : end);
}

/** Lines that end with the escape character continue; comments between them do not count; the lines of a here-document are no instructions. */
function* instructionsOf(text: string): Generator<Instruction> {
  const escape = /^#\s*escape\s*=\s*(\S)\s*$/im.exec(text.split(/\n(?!#)/, 1)[0] ?? '')?.[1] ?? '\\';
  let joined = '';
  let ends: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (ends.length > 0) {
      if (line.replace(/^\t+/, '') === ends[0]) ends.shift();
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const continues = line.trimEnd().endsWith(escape);
    joined += continues ? `${line.trimEnd().slice(0, -1)} ` : line;
    if (continues) continue;
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(joined) ?? [];
    joined = '';
    if (/^(RUN|COPY|ADD)$/i.test(keyword)) ends = [...rest.matchAll(/<<-?(["']?)(\w+)\1/g)].map(([, , end = '']) => end);
    yield { keyword: keyword.toUpperCase(), rest: rest.trim() };
  }
}

/** `A=1 B="two" C` */
function argumentsOf(rest: string, values: ReadonlyMap<string, string>): [string, string][] {
  return [...rest.matchAll(/(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/g)].map(([, name = '', value = '']) => [
    name,
    substitute(value.replace(/^(["'])(.*)\1$/, '$2'), values),
  ]);
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`. */
function substitute(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g, (_, plain?: string, braced?: string, operator?: string, word = '') => {
    const value = values.get(plain ?? braced ?? '') ?? '';
    if (operator === '+') return value === '' ? '' : (word as string);
    return value === '' && operator === '-' ? (word as string) : value;
  });
}

function invalid(what: string): BuildError {
  return new BuildError('DOCKERFILE_INVALID', `Dockerfile: ${what}`, { hint: 'Correct the Dockerfile.' });
}

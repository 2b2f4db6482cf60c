/** Where a command line says what to take from a registry, and the name that it asks for. */
export interface RegistryName {
  line: number;
  name: string;
}

/** A command that fetches what it is given unless that is installed. */
const FETCHING = /(?<![\w./@-])(?:npx|pnpx|bunx|npm\s+(?:i|install|add|exec|x|create|init)|(?:yarn|pnpm|bun)\s+(?:dlx|add|create|x)|nx\s+add)(?![\w-])/;
/** The same as an argv in source: `'npx', 'nx'` or `'npx', ['nx'`. */
const AS_ARGV = /['"](?:npx|pnpx|bunx)['"],\s*\[?\s*(?=['"])/;
/** Options that are followed by a word of their own; that of these two is a package. */
const WITH_VALUE = /^(?:-w|--workspace|-c|--call|--prefix)$/;
const PACKAGE = /^(?:-p|--package)$/;

/**
 * The names that a text would have npm, npx and their like ask a registry for.
 *
 * @example
 * registryNames('npx --yes cowsay@1.5 moo'); // [{ line: 1, name: 'cowsay' }]
 */
export function registryNames(text: string): RegistryName[] {
  return text.split('\n').flatMap((content, index) => {
    const matches = [...content.matchAll(new RegExp(`(?:${FETCHING.source}|${AS_ARGV.source})([^\`;&|)]*)`, 'g'))];
    return matches.flatMap(([command, rest = '']) => namesIn(rest, command).map((name) => ({ line: index + 1, name })));
  });
}

function namesIn(rest: string, command: string): string[] {
  const words = rest
    .trimStart()
    .split(/[\s,]+/)
    .map((word) => word.replace(/^['"[]+|['"\]\\]+$/g, ''));
  // "`npx` adds" speaks of the program.
  if (!/^[\s'"]/.test(rest) && !command.includes("'") && !command.includes('"')) return [];
  const names: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') continue;
    const [option, value] = word.split('=');
    if (PACKAGE.test(option ?? '')) names.push(value ?? words[++at] ?? '');
    else if (WITH_VALUE.test(word)) at++;
    else if (!word.startsWith('-')) {
      names.push(word);
      break;
    }
  }
  return names.map(withoutVersion).filter((name) => /^@?[a-z0-9]/i.test(name));
}

function withoutVersion(name: string): string {
  return name.replace(/(?<=.)@.*$/, '');
}

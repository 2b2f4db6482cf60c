import { ComposeError } from '../errors.ts';
import type { Place } from '../yaml/node.ts';

const BLANK = /[ \t\r\n]/;
const OPERATOR = /[;&|<>]/;

/**
 * The words of a `command` or `entrypoint` that is a string. No shell reads it: quotes and backslashes group, a new line is a blank, `$(…)` and backticks
 * stay as they are.
 *
 * @throws ComposeError on what is left open, on parentheses without `$`, and on a shell operator, where the reference drops the rest without a word
 * @example
 * splitWords('sh -c "echo a; echo b"', place); // ['sh', '-c', 'echo a; echo b']
 */
export function splitWords(text: string, place: Place): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  /** Inside of `$(…)` or backticks, where blanks and operators belong to the word. In backticks quotes still group. */
  let substitution: '(' | '`' | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\' && quote !== "'") {
      if (++at === text.length) throw open('\\', place);
      word = (word ?? '') + text[at]!;
    } else if (BLANK.test(character) && !quote && !substitution) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if ((character === '"' || character === "'") && substitution !== '(' && (quote ?? character) === character) {
      quote = quote ? undefined : character;
      word ??= '';
    } else {
      if (!quote && !substitution && OPERATOR.test(character)) throw operator(text, character, place);
      if (!quote && substitution !== '`' && character === '(') {
        if (substitution || !word?.endsWith('$')) throw parenthesis(place);
        substitution = '(';
      } else if (!quote && substitution !== '`' && character === ')') {
        // Without an opening one before it, the reference takes it for one.
        substitution = substitution ? undefined : '(';
      } else if (!quote && substitution !== '(' && character === '`') {
        substitution = substitution ? undefined : '`';
      }
      word = (word ?? '') + character;
    }
  }
  if (quote || substitution) throw open(quote ?? substitution!, place);
  if (word !== undefined) words.push(word);
  return words;
}

function operator(text: string, character: string, place: Place): ComposeError {
  const hint = `For a shell write a list: ["sh", "-c", ${JSON.stringify(text.trim())}]; for a literal ${character} write it in quotes.`;
  return new ComposeError('COMPOSE_COMMAND', place, `no shell reads a command: ${character} and what follows would be dropped`, { hint });
}

function parenthesis(place: Place): ComposeError {
  return new ComposeError('COMPOSE_COMMAND', place, 'no shell reads a command: ( has no meaning', {
    hint: 'Write the parenthesis in quotes, or the command as a list.',
  });
}

function open(what: string, place: Place): ComposeError {
  return new ComposeError('COMPOSE_COMMAND', place, `the command ends after an open ${what}`, { hint: `Close the ${what}, or write the command as a list.` });
}

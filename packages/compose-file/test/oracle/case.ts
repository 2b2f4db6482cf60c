import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The directory that a case's files stand in, as the answers name it. Its last name is the project's. */
export const PROJECT = '/project';

/** Files that `docker-compose config` is asked about, and how. */
export interface Case {
  /** `topic: name of the case`. */
  readonly name: string;
  /** Texts by path; relative ones stand in {@link PROJECT}. */
  readonly files: Readonly<Record<string, string>>;
  /** What `-f` names; without it the reference looks for the file itself. */
  readonly use?: readonly string[];
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The reference's answer: the model, or its message where it refuses. */
export type Answer = { readonly config: unknown } | { readonly refused: string };

/**
 * A case as it is written in `cases/<topic>.yaml`: `compose` is the text of compose.yaml. With `service`, that is of one service `s` with
 * `image: i`, `compose` is the rest of the file. `from` is a file of this repository.
 */
interface Written extends Partial<Case> {
  readonly name: string;
  readonly compose?: string;
  readonly service?: string;
  readonly from?: string;
}

export const topics = readdirSync(join(import.meta.dirname, 'cases')).map((file) => file.replace(/\.yaml$/, ''));

export function readCases(topic: string): Case[] {
  const written = parse(readFileSync(join(import.meta.dirname, 'cases', `${topic}.yaml`), 'utf8'), { maxAliasCount: -1 }) as Written[];
  const cases = written.map((one) => expand(topic, one));
  const twice = cases.find(({ name }, index) => cases.findIndex((other) => other.name === name) !== index);
  if (twice) throw new Error(`two cases are named "${twice.name}"`);
  return cases;
}

function expand(topic: string, { name, compose, service, from, files, ...rest }: Written): Case {
  const written = from === undefined ? compose : readFileSync(join(import.meta.dirname, '../../../..', from), 'utf8');
  const text = service === undefined ? written : around(service, written);
  return { name: `${topic}: ${name}`, files: { ...(text === undefined ? {} : { 'compose.yaml': text }), ...files }, ...rest };
}

/** What is indented goes on with the services, anything else comes before them: anchors. */
function around(service: string, compose = ''): string {
  const text = `services:\n  s:\n    image: i\n${service.trimEnd().replace(/^(?=.)/gm, '    ')}\n`;
  return compose.startsWith(' ') ? text + compose : `${compose.trimEnd()}\n${text}`.trimStart();
}

export function readAnswers(topic: string): { reference: string; answers: Map<string, Answer> } {
  const [first = '{}', ...rest] = readFileSync(join(import.meta.dirname, 'answers', `${topic}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  const { reference } = JSON.parse(first) as { reference: string };
  return { reference, answers: new Map(rest.map((line) => JSON.parse(line) as { name: string } & Answer).map(({ name, ...answer }) => [name, answer])) };
}

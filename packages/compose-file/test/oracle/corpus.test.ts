import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ComposeError } from '../../src/errors.ts';
import { readAnswers, readCases, topics } from './case.ts';
import { differences } from './differences.ts';
import { answer } from './ours.ts';

for (const topic of topics) {
  const { reference, answers } = readAnswers(topic);
  const cases = readCases(topic);

  describe(`${topic}, as ${reference} answers`, () => {
    it('has an answer for each case, and a case for each answer', () => {
      expect([...answers.keys()], 'run record.ts').toEqual(cases.map(({ name }) => name));
    });

    for (const one of cases) {
      it(`${one.name}${one.name in differences ? ' (differs wilfully)' : ''}`, () => {
        const theirs = answers.get(one.name)!;
        const ours = answer(one);
        if ('error' in ours) expectMessage(ours.error);
        if (one.name in differences) {
          expect('config' in ours && 'config' in theirs ? isDeepStrictEqual(ours.config, theirs.config) : 'config' in ours === 'config' in theirs).toBe(false);
        } else if ('refused' in theirs) {
          expect(ours, `the reference refuses: ${theirs.refused}`).toHaveProperty('error');
        } else {
          expect(ours).toEqual(theirs);
        }
      });
    }
  });
}

it('lists no difference of a case that is not there', () => {
  const names = topics.flatMap((topic) => readCases(topic)).map(({ name }) => name);
  expect(Object.keys(differences).filter((name) => !names.includes(name))).toEqual([]);
});

/** A refusal says where, what and what to do. */
function expectMessage(error: unknown): void {
  if (!(error instanceof ComposeError)) throw error;
  expect(error.hint, error.message).toMatch(/\S/);
  // No file is at fault when the fault is in the environment, or no file is there.
  if (error.place) expect(error.message).toMatch(/^\S.*:[1-9]\d*:[1-9]\d*: \S/);
  else expect(['COMPOSE_PROJECT_NAME', 'COMPOSE_FILE_MISSING']).toContain(error.code);
}

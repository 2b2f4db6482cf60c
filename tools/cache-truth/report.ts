import { columns } from '@container-os/core';
import type { Finding } from './run.ts';

/** Counts by kind, then what is wrong and how to see it again. */
export function formatFindings(findings: readonly Finding[], { seed, seconds }: { seed: number; seconds: number }): string {
  const kinds = [...new Set(findings.map(({ kind }) => kind))].sort();
  const row = (kind: string, of: readonly Finding[]): string[] => {
    const count = (...wanted: boolean[]): number => of.filter(({ miss, otherBytes }) => miss === wanted[0] && (otherBytes ?? false) === wanted[1]).length;
    const wrong = of.filter(({ verdict }) => verdict !== 'right').length;
    const numbers = [new Set(of.map(({ number }) => number)).size, count(false, false), count(true, true), count(true, false), wrong];
    return [kind, ...numbers.map(String)];
  };
  const counts = kinds.map((kind) =>
    row(
      kind,
      findings.filter((one) => one.kind === kind),
    ),
  );
  const wrong = findings.filter(({ verdict }) => verdict !== 'right');
  const edits = new Set(findings.map(({ number }) => number)).size;
  return [
    '',
    ...columns([['kind', 'edits', 'hit', 'miss≠', 'miss=', 'wrong'], ...counts, row('all', findings)], [1, 2, 3, 4, 5]),
    '',
    ...wrong.map(
      ({ number, verdict, target, what, kind }) => `${verdict}: ${target}; ${kind}: ${what}\n  again: npm run cache-truth -- --seed=${seed} --only=${number}`,
    ),
    `${edits} edits, seed ${seed}: ${findings.length} verdicts, ${wrong.length} wrong (${new Set(wrong.map(({ number }) => number)).size} edits), ${seconds} s`,
  ].join('\n');
}

import type { Finding } from './run.ts';

/** Counts by kind, then what is wrong and how to see it again. */
export function formatFindings(findings: readonly Finding[], { seed, seconds }: { seed: number; seconds: number }): string {
  const kinds = [...new Set(findings.map(({ kind }) => kind))].sort();
  const width = Math.max(...kinds.map((kind) => kind.length), 4);
  const row = (kind: string, of: readonly Finding[]): string => {
    const count = (...wanted: boolean[]): number => of.filter(({ miss, otherBytes }) => miss === wanted[0] && (otherBytes ?? false) === wanted[1]).length;
    const wrong = of.filter(({ verdict }) => verdict !== 'right').length;
    const numbers = [new Set(of.map(({ number }) => number)).size, count(false, false), count(true, true), count(true, false), wrong];
    return `${kind.padEnd(width)}  ${numbers.map((one) => String(one).padStart(7)).join('')}`;
  };
  const head = `${'kind'.padEnd(width)}  ${['edits', 'hit', 'miss≠', 'miss=', 'wrong'].map((one) => one.padStart(7)).join('')}`;
  const wrong = findings.filter(({ verdict }) => verdict !== 'right');
  const edits = new Set(findings.map(({ number }) => number)).size;
  return [
    '',
    head,
    ...kinds.map((kind) =>
      row(
        kind,
        findings.filter((one) => one.kind === kind),
      ),
    ),
    row('all', findings),
    '',
    ...wrong.map(
      ({ number, verdict, target, what, kind }) => `${verdict}: ${target}; ${kind}: ${what}\n  again: npm run cache-truth -- --seed=${seed} --only=${number}`,
    ),
    `${edits} edits, seed ${seed}: ${findings.length} verdicts, ${wrong.length} wrong (${new Set(wrong.map(({ number }) => number)).size} edits), ${seconds} s`,
  ].join('\n');
}

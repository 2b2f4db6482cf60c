import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import type { Answer, Case } from '../case.ts';
import { Cases, KINDS, type Generated } from './file.ts';
import { points, type Schema } from './points.ts';

export interface Mismatch {
  readonly one: Case;
  readonly seed: number;
  readonly difference: string;
}

export interface Report {
  readonly taken: number;
  readonly refused: number;
  /** Why the reference refuses, with the number of files. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly mismatches: readonly Mismatch[];
  /** Points of the schema that fewer than `least` files show, with their number. */
  readonly rare: ReadonlyMap<string, number>;
  /** The same among files that the reference takes. */
  readonly rarelyTaken: ReadonlyMap<string, number>;
}

export interface Options {
  readonly schema: Schema;
  readonly files: number;
  readonly seed: number;
  readonly least: number;
  readonly workers: number;
  ask(one: Case): Promise<Answer>;
  /** What is different between our answer and the reference's. */
  compare(one: Case, theirs: Answer): string | undefined;
  onProgress?(done: number): void;
  onMismatch?(mismatch: Mismatch): void;
}

/** Points that one file is made to show; more of them are more reasons to be refused. */
const AIMS = 12;
/** Aims are chosen anew for each: by what few files have shown until then. */
const ROUND = 50;
const SHRINK_LIMIT = 90_000;

/** Generates cases that show each point of the schema, asks the reference and us, and shrinks what differs. The same seed makes the same cases. */
export async function generate(options: Options): Promise<Report> {
  const all = points(options.schema).filter((point) => point !== '');
  const shown = new Map(all.map((point) => [point, 0]));
  const shownTaken = new Map(shown);
  const reasons = new Map<string, number>();
  const mismatches: Mismatch[] = [];
  let taken = 0;
  let refused = 0;

  for (let start = 0; start < options.files; start += ROUND) {
    // What the reference refuses wherever it stands is not put into files that are to show something else.
    const hopeless = all.filter((point) => shown.get(point)! >= 6 && shownTaken.get(point) === 0);
    const cases = new Cases(options.schema, new Set(hopeless));
    const aims = aim(all, hopeless, shown, shownTaken, options.least);
    await inParallel(options.workers, Math.min(ROUND, options.files - start), async (index) => {
      const seed = options.seed + start + index;
      const arbitrary = cases.of(KINDS[(start + index) % KINDS.length]!, aims(index));
      let first: Generated | undefined;
      let difference: string | undefined;
      const property = fc.asyncProperty(arbitrary, async (generated) => {
        const theirs = await options.ask(generated.one);
        if (!first) {
          first = generated;
          for (const point of new Set(generated.shown)) {
            count(shown, point);
            if ('config' in theirs) count(shownTaken, point);
          }
          if ('config' in theirs) taken++;
          else {
            refused++;
            const reason = theirs.refused
              .replace(/\s+/g, ' ')
              .replace(/line \d+/, 'line N')
              .replace(/\.s\d|\.(base|other|inner)\b/g, '.S')
              .slice(0, 200);
            reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
          }
        }
        const found = await disagreement(generated.one, theirs, options);
        if (found !== undefined) {
          difference = found;
          throw new Error(found);
        }
      });
      const result = await fc.check(property, { numRuns: 1, seed, interruptAfterTimeLimit: SHRINK_LIMIT });
      if (!result.counterexample) return;
      mismatches.push({ one: result.counterexample[0].one, seed, difference: difference! });
      options.onMismatch?.(mismatches.at(-1)!);
    });
    options.onProgress?.(Math.min(start + ROUND, options.files));
  }
  const few = (counts: ReadonlyMap<string, number>): Map<string, number> => new Map([...counts].filter(([, number]) => number < options.least));
  return { taken, refused, reasons, mismatches, rare: few(shown), rarelyTaken: few(shownTaken) };
}

/** What is different, unless the reference itself answers in several ways: it walks some maps in an order that changes. */
async function disagreement(one: Case, theirs: Answer, { ask, compare }: Options): Promise<string | undefined> {
  const found = compare(one, theirs);
  for (let again = 0; again < 4 && found !== undefined && 'config' in theirs; again++) if (!isDeepStrictEqual(theirs, await ask(one))) return undefined;
  return found;
}

/** The points of each case of a round: first those that fewest files have shown. */
function aim(
  all: readonly string[],
  hopeless: readonly string[],
  shown: ReadonlyMap<string, number>,
  taken: ReadonlyMap<string, number>,
  least: number,
): (index: number) => string[] {
  const rest = hopeless.filter((point) => shown.get(point)! < least);
  const lacking = (point: string): number => least - Math.min(shown.get(point)!, taken.get(point)!);
  const others = all.filter((point) => !hopeless.includes(point));
  const pool = [...others].sort((one, other) => lacking(other) - lacking(one) || (one < other ? -1 : 1)).slice(0, ROUND * 5);
  return (index) => {
    if (index % 5 === 0 && rest.length > 0) return Array.from({ length: 3 }, (_, position) => rest[(index / 5 + position * 7) % rest.length]!);
    // Neighbours exclude each other more often than those that are far apart.
    return Array.from({ length: AIMS }, (_, position) => pool[(index * 3 + position * Math.ceil(pool.length / AIMS) + position) % pool.length]!);
  };
}

function count(counts: Map<string, number>, point: string): void {
  if (counts.has(point)) counts.set(point, counts.get(point)! + 1);
}

async function inParallel(workers: number, tasks: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < tasks) await run(next++);
    }),
  );
}

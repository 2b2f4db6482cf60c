import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from './box.ts';
import { judge } from './judge.ts';
import { TABLE } from './kinds.ts';
import { random } from './random.ts';
import { formatFindings } from './report.ts';
import { kindOf } from './run.ts';

describe('judge', () => {
  it('a hit with other bytes is stale, whatever the target reads', () => {
    for (const reads of [true, false]) expect(judge({ miss: false, otherBytes: true, reads })).toBe('stale');
  });

  it('a miss with equal bytes is right only where the target reads what was edited', () => {
    expect(judge({ miss: true, otherBytes: false, reads: true })).toBe('right');
    expect(judge({ miss: true, otherBytes: false, reads: false })).toBe('needless');
    expect(judge({ miss: true, otherBytes: undefined, reads: false })).toBe('needless');
  });

  it('a hit with equal bytes and a miss with other bytes are right', () => {
    expect(judge({ miss: false, otherBytes: false, reads: true })).toBe('right');
    expect(judge({ miss: true, otherBytes: true, reads: false })).toBe('right');
  });
});

describe('the edits of a seed', () => {
  it('have each kind of the table at least 20 times in 500', () => {
    const counts = new Map<string, number>();
    for (let number = 1; number <= 500; number++) counts.set(kindOf(1, number)[0], (counts.get(kindOf(1, number)[0]) ?? 0) + 1);
    for (const kind of Object.keys(TABLE)) expect(counts.get(kind), kind).toBeGreaterThanOrEqual(20);
  });

  it('are the same again, and others for another seed', () => {
    const kinds = (seed: number): string[] => Array.from({ length: 50 }, (_, index) => kindOf(seed, index + 1)[0]);
    expect(kinds(3)).toEqual(kinds(3));
    expect(kinds(3)).not.toEqual(kinds(4));
    expect(random(5).shuffle([1, 2, 3, 4, 5, 6])).toEqual(random(5).shuffle([1, 2, 3, 4, 5, 6]));
  });
});

describe('a box', () => {
  let base: string;
  let box: Box;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'box-'));
    box = new Box(base);
    mkdirSync(join(base, 'workspace/directory'), { recursive: true });
    writeFileSync(box.at('file'), 'before');
    chmodSync(box.at('file'), 0o755);
    writeFileSync(box.at('directory/inside'), 'inside');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('undoes every kind of edit, the last one first', () => {
    box.edit('file', () => 'after');
    box.chmod('file', () => 0o600);
    box.link('file', 'directory');
    box.write('new/below/file', 'new');
    box.mkdir('empty');
    box.fifo('fifo');
    box.rename('directory/inside', 'directory/renamed');
    box.remove('directory');
    expect(readlinkSync(box.at('file'))).toBe('directory');
    expect(existsSync(box.at('directory'))).toBe(false);
    box.restore();
    expect(readFileSync(box.at('file'), 'utf8')).toBe('before');
    expect(lstatSync(box.at('file')).mode & 0o777).toBe(0o755);
    expect(readFileSync(box.at('directory/inside'), 'utf8')).toBe('inside');
    for (const path of ['new', 'empty', 'fifo', 'directory/renamed']) expect(existsSync(box.at(path)), path).toBe(false);
    expect(box.changed.size).toBe(0);
  });

  it('forges a file of other content with length and date as before', () => {
    const { mtimeMs, size } = lstatSync(box.at('file'));
    box.forge('file', () => 'BEFORE');
    expect(lstatSync(box.at('file'))).toMatchObject({ size });
    expect(Math.abs(lstatSync(box.at('file')).mtimeMs - mtimeMs)).toBeLessThan(1);
    expect(() => box.forge('file', () => 'longer than before')).toThrow('another length');
  });
});

it('the report counts by kind and says how to see a wrong one again', () => {
  const finding = { number: 17, kind: 'fifo', what: 'web: fifo pipe', target: 'bundle-web', verdict: 'stale', miss: false, otherBytes: true } as const;
  const report = formatFindings([finding, { ...finding, number: 18, verdict: 'right', miss: true }], { seed: 4, seconds: 9 });
  expect(report).toContain('npm run cache-truth -- --seed=4 --only=17');
  expect(report).toContain('2 edits, seed 4: 2 verdicts, 1 wrong (1 edits), 9 s');
});

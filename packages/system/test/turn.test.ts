import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turn-'));
  writeFileSync(join(root, 'turn.sh'), moved('service/turn.sh', root));
});
afterEach(() => rmSync(root, { recursive: true }));

it.each(Object.entries(SHELLS))('as many containers as there are turns start at a time: %s', (_, [shell, ...args]) => {
  const turns = 'run/container-os/turns';
  for (const path of [`${turns}/1`, `${turns}/2`, 'a', 'b', 'c']) mkdirSync(join(root, path), { recursive: true });
  const run = (call: string, name: string): number | null => {
    const script = `name=$2 state=$1/$2; . "$1/turn.sh"; ${call}`;
    const { status, stderr } = spawnSync(shell, [...args, '-c', script, 'sh', root, name], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return status;
  };
  expect(['a', 'b', 'c'].map((name) => run('take_turn', name))).toEqual([0, 0, 1]);
  expect(run('take_turn', 'a')).toBe(0);
  expect(readdirSync(join(root, turns))).toEqual([]);
  expect(run('return_turn', 'b')).toBe(0);
  expect(run('return_turn', 'b')).toBe(0);
  expect(readdirSync(join(root, turns))).toEqual(['2']);
  expect(run('take_turn', 'c')).toBe(0);
  expect(run('take_turn', 'b')).toBe(1);
});

import { useWorkspace } from '@container-os/core/testing';
import { run } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blankDisk } from '../src/guest/blank-disk.ts';
import { assertCounts, assertLines, assertOthers, assertReason, assertStatus } from '../src/qemu-storage/assertions.ts';
import { damagedDisk, faultOf, foreignDisk, fullDisk, linesOf } from '../src/qemu-storage/disk.ts';
import { outcome } from './reports.ts';

const event = (fields: object): string => `${JSON.stringify({ event: 'fact', uptime: 5, ...fields })}\n`;
const counter = (value: string): string => event({ name: 'words', container: 'counter', value });
const seen = (...events: string[]): ReturnType<typeof outcome> => outcome({ report: events.join('') });

describe('the assertions on a data disk', () => {
  it('check the status that the guest reports', () => {
    const full = seen(event({ name: 'data', status: 'full', reason: '/dev/vda, 100%' }));
    expect(assertStatus('full', full)).toEqual({ name: 'the OS says that the data disk is full' });
    expect(assertStatus('ok', full).found).toBe('full: /dev/vda, 100%');
    expect(assertStatus('ok', seen()).found).toBe('nothing reported');
  });

  it('check that the container continues from the last number', () => {
    const words = seen(counter('counter: 7 after 2 boots'), counter('counter: 8 after 2 boots'));
    expect(assertCounts(7, words, 'counter').found).toBeUndefined();
    expect(assertCounts(8, words, 'counter').found).toBe('counter: 8 after 2 boots');
    expect(assertCounts(0, seen(counter('restarts in 1 s')), 'counter').found).toBe('restarts in 1 s');
  });

  it('check that each number is there in order, and no reported one is missing', () => {
    expect(assertLines(['1', '2', '3'], 2).found).toBeUndefined();
    expect(assertLines(['1', '2', '3'], 4).found).toBe('3 lines');
    expect(assertLines(['1', '', '3'], 2).found).toBe('line 2 is ""');
  });

  it('check that only containers with a volume fail, with the reason', () => {
    const failed = (name: string, reason: string): string => event({ event: 'container', name, status: 'failed', exitCode: 1, reason });
    const running = event({ event: 'container', name: 'demo', status: 'running', pid: 7 });
    const noDisk = seen(failed('counter', 'did not start: volume counter: no data disk'), running);
    expect(assertReason('no data disk', noDisk, 'counter').found).toBeUndefined();
    expect(assertOthers(noDisk, 'counter').found).toBeUndefined();
    expect(assertOthers(seen(running, failed('demo', 'exited with code 1')), 'counter').found).toBe('demo: exited with code 1');
  });
});

describe('the disks of a test', () => {
  const workspace = useWorkspace();

  it('a damaged one keeps its label, and a full check finds the damage', async () => {
    const disk = await foreignDisk(join(workspace.root, 'disk'));
    expect(await faultOf(disk)).toBeUndefined();
    const damaged = await damagedDisk(disk, join(workspace.root, 'damaged'));
    expect(await faultOf(damaged)).toEqual(expect.any(String));
    expect((await readFile(damaged)).includes('photographs')).toBe(true);
  });

  it('a full one has not a block left, and is otherwise good', async () => {
    const disk = await fullDisk(join(workspace.root, 'disk'), 'volumes/counter/count', workspace.root);
    expect(await faultOf(disk)).toBeUndefined();
    expect((await run(['/usr/sbin/dumpe2fs', '-h', disk])).stdout).toMatch(/^Free blocks:\s+0$/m);
    expect(await linesOf(disk, 'volumes/counter/count')).toEqual([]);
  });

  it('a blank one has its size and no byte', async () => {
    const bytes = await readFile(await blankDisk(join(workspace.root, 'disk'), 1));
    expect(bytes.equals(Buffer.alloc(1024 * 1024))).toBe(true);
  });
});

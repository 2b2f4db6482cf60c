import { failure } from '@container-os/sources/testing';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { pullLayers } from '../src/oci-images/pull-layers.ts';
import type { ImageReceipt } from '../src/receipt.ts';
import { useBench } from './fixtures/context.ts';
import { imageOf, tarOf, type TestImage } from './fixtures/image.ts';
import { usePulling } from './fixtures/pulling.ts';

const bench = useBench();
const { pull, named, stored } = usePulling(bench);
/** Which compress badly. */
const tars = (...names: string[]): Buffer[] => names.map((name) => tarOf(name, createHash('shake256', { outputLength: 2000 }).update(name).digest()));
const complete = (): string[] => stored().filter((name) => !name.includes('.'));

/** Pushes an image of layers that are named so, as team/web with the tag `tag`. */
function push(tag: string, ...names: string[]): TestImage {
  const image = imageOf({ tars: tars(...names), configuration: { created: tag } });
  bench.registry.push('team/web', tag, image);
  return image;
}

/** Has the registry keep requests for these layers waiting; `reached` is resolved once `count` wait. */
function hold(images: readonly TestImage[], count: number): { waiting: Map<string, ServerResponse>; reached: Promise<void> } {
  const digests = images.flatMap(({ layers }) => layers.map(({ digest }) => digest));
  const waiting = new Map<string, ServerResponse>();
  const reached = new Promise<void>((done) => {
    bench.registry.answer = (request, response) => {
      const digest = digests.find((one) => request.url?.endsWith(one));
      if (digest === undefined) return false;
      waiting.set(digest, response);
      if (waiting.size === count) done();
      return true;
    };
  });
  return { waiting, reached };
}

interface Told {
  title: string;
  total: number;
  done: number[];
}

/** Pulls the layers of receipts, and keeps what the progress display was told. */
function pullAll(receipts: readonly ImageReceipt[], maxBytes = 1e6): { told: Told[]; ended: Promise<void> } {
  const told: Told[] = [];
  const progress = (title: string, total: number) => {
    const one: Told = { title, total, done: [] };
    told.push(one);
    return { update: (done: number) => void one.done.push(done), stop: () => {} };
  };
  // Nothing stalls by itself.
  const context = { ...bench.context, patience: { stalled: 20_000, pause: 10 }, log: { ...bench.context.log, progress } };
  return { told, ended: pullLayers(receipts, maxBytes, context, (error) => Promise.resolve(error)) };
}

it('three layers of all images are pulled at a time, each once, with one progress for all', async () => {
  const images = [push('1', 'base', 'a', 'b'), push('2', 'base', 'c', 'd')];
  const receipts = [await pull(named('1')), await pull(named('2'))];
  const { waiting, reached } = hold(images, 3);
  const { told, ended } = pullAll(receipts);
  await reached;
  // A fourth would have come by now.
  await new Promise((done) => setTimeout(done, 200));
  expect([...waiting.keys()].sort()).toEqual(images[0]!.layers.map(({ digest }) => digest).sort());
  bench.registry.answer = () => false;
  for (const [digest, response] of waiting) response.end(bench.registry.blobs.get(digest));
  await ended;
  expect(complete()).toEqual(expect.arrayContaining(images.flatMap(({ layers }) => layers.map(({ diffId }) => diffId.slice(7)))));
  const asked = bench.registry.got.registry.map(({ url }) => url);
  for (const { digest } of images.flatMap(({ layers }) => layers)) expect(asked.filter((url) => url.endsWith(digest))).toHaveLength(1);
  const sizes = new Map(images.flatMap(({ layers }) => layers.map(({ digest, bytes }) => [digest, bytes.length])));
  const total = [...sizes.values()].reduce((sum, size) => sum + size);
  expect(told).toMatchObject([{ title: 'pull 5 layers', total }]);
  expect(told[0]!.done.at(-1)).toBe(total);
  expect(told[0]!.done).toEqual(told[0]!.done.toSorted((a, b) => a - b));
});

it('the first error stops the others, which go on where they stopped', async () => {
  const image = push('1', 'a', 'b', 'c', 'd');
  const receipt = await pull(named('1'));
  const [a, b, c, d] = image.layers.map(({ digest }) => digest) as [string, string, string, string];
  const { waiting, reached } = hold([image], 3);
  const { ended } = pullAll([receipt]);
  const failed = failure(ended);
  await reached;
  waiting.get(a)?.write(image.layers[0]!.bytes.subarray(0, 1000));
  waiting.get(b)?.write(image.layers[1]!.bytes.subarray(0, 500));
  // Both have arrived.
  await new Promise((done) => setTimeout(done, 200));
  waiting.get(c)?.writeHead(403).end();
  expect(await failed).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(c.slice(0, 19)) as string });
  expect(waiting.has(d)).toBe(false);
  const files = image.layers.flatMap(({ digest, diffId }) => [digest.slice(7), diffId.slice(7)]);
  expect(complete().filter((name) => files.includes(name))).toEqual([]);
  bench.registry.answer = () => false;
  bench.registry.got.registry.length = 0;
  await pullAll([receipt]).ended;
  expect(complete()).toEqual(expect.arrayContaining(files));
  const range = (digest: string): string | undefined => bench.registry.got.registry.find(({ url }) => url.endsWith(digest))?.range;
  expect([a, b, c].map(range)).toEqual(['bytes=1000-', 'bytes=500-', undefined]);
});

it('an image above the limit is refused, be its layers pulled or there', async () => {
  push('1', 'base');
  push('2', 'base', 'a', 'b');
  const [first, second] = [await pull(named('1')), await pull(named('2'))];
  const limit = 3 * tars('a')[0]!.length - 1;
  const refused = { code: 'IMAGE_TOO_LARGE', message: `${named('2')}: its layers have more than ${limit} bytes uncompressed` };
  expect(await failure(pullAll([first, second], limit).ended)).toMatchObject(refused);
  await pullAll([first], limit).ended;
  await pullAll([second]).ended;
  expect(await failure(pullAll([first, second], limit).ended)).toMatchObject(refused);
});

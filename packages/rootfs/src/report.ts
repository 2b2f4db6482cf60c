import { columns, formatBytes } from '@container-os/core';
import type { LayerSize } from './layers.ts';

/** The size of all layers together. */
export interface RootSize {
  /** Name of the target. */
  name: string;
  /** Size of the resulting file. */
  bytes: number;
  uncompressedBytes: number;
  entries: number;
  /** Default: not compressed. */
  compression?: string;
}

/** One line per layer, the largest first, then the total. */
export function reportSizes(layers: readonly LayerSize[], { name, compression, bytes, uncompressedBytes, entries }: RootSize): string[] {
  const largest = [...layers].sort((a, b) => b.bytes - a.bytes || (a.layer < b.layer ? -1 : 1));
  const sum = { layer: name, bytes: uncompressedBytes, entries };
  const lines = columns(
    [...largest, sum].map((one) => [one.layer, formatBytes(one.bytes), `${one.entries} entries`]),
    [1, 2],
  );
  const ratio = `${((100 * bytes) / uncompressedBytes).toFixed(0)} %`;
  return [...lines.slice(0, -1), `${lines.at(-1)}, ${compression ? `${compression}: ${formatBytes(bytes)} (${ratio})` : 'not compressed'}`];
}

import { formatBytes } from '@container-os/core';
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
  const lines = largest.map((one) => line(one.layer, one.bytes, one.entries));
  const ratio = `${((100 * bytes) / uncompressedBytes).toFixed(0)} %`;
  return [...lines, line(name, uncompressedBytes, entries) + (compression ? `, ${compression}: ${formatBytes(bytes)} (${ratio})` : ', not compressed')];
}

function line(name: string, bytes: number, entries: number): string {
  return `${name.padEnd(20)} ${formatBytes(bytes).padStart(9)} ${String(entries).padStart(6)} entries`;
}

import { formatBytes } from '@container-os/core';
import type { LayerSize } from './layers.ts';

/** What all layers make together. */
export interface RootSize {
  /** Of the target. */
  name: string;
  /** Bytes of the file made of them. */
  bytes: number;
  uncompressedBytes: number;
  entries: number;
  /** Default: not compressed. */
  compression?: string;
}

/** One line a layer, the largest first, then the sum. */
export function reportSizes(layers: readonly LayerSize[], { name, compression, bytes, uncompressedBytes, entries }: RootSize): string[] {
  const largest = [...layers].sort((a, b) => b.bytes - a.bytes || (a.layer < b.layer ? -1 : 1));
  const lines = largest.map((one) => line(one.layer, one.bytes, one.entries));
  const ratio = `${((100 * bytes) / uncompressedBytes).toFixed(0)} %`;
  return [...lines, line(name, uncompressedBytes, entries) + (compression ? `, ${compression}: ${formatBytes(bytes)} (${ratio})` : ', not compressed')];
}

function line(name: string, bytes: number, entries: number): string {
  return `${name.padEnd(20)} ${formatBytes(bytes).padStart(9)} ${String(entries).padStart(6)} entries`;
}

import { formatBytes } from '@container-os/core';
import type { Compression } from './plan.ts';

/** What a layer adds. */
export interface LayerSize {
  layer: string;
  /** Size of its archive. */
  bytes: number;
  entries: number;
  sha256: string;
}

export interface InitramfsSize {
  compression: Compression;
  bytes: number;
  uncompressedBytes: number;
  entries: number;
}

/** One line a layer, the largest first, then the sum. */
export function reportSizes(layers: readonly LayerSize[], { compression, bytes, uncompressedBytes, entries }: InitramfsSize): string[] {
  const largest = [...layers].sort((a, b) => b.bytes - a.bytes || (a.layer < b.layer ? -1 : 1));
  const lines = largest.map((one) => line(one.layer, one.bytes, one.entries));
  const ratio = `${((100 * bytes) / uncompressedBytes).toFixed(0)} %`;
  return [...lines, line('initramfs', uncompressedBytes, entries) + (compression === 'none' ? ', not compressed' : `, ${compression}: ${formatBytes(bytes)} (${ratio})`)];
}

function line(name: string, bytes: number, entries: number): string {
  return `${name.padEnd(20)} ${formatBytes(bytes).padStart(9)} ${String(entries).padStart(6)} entries`;
}

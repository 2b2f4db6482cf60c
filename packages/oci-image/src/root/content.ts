import { FileOnDisk } from '@container-os/cpio';
import type { Extent } from '../tar/sparse.ts';

/** Where a file's bytes are: in which layer, and where in its uncompressed tar. */
export interface Place {
  /** Index of the layer, from the lowest. */
  layer: number;
  offset: number;
  /** Bytes of the file. */
  size: number;
  /** Of a sparse file: its parts that are not zeros. */
  extents?: readonly Extent[];
}

/** The uncompressed tar of a layer, and its size. */
export interface LayerTar {
  path: string;
  size: number;
}

/** The content of a file of an image, which stays in its layer until it is read. */
export class LayerContent extends FileOnDisk {
  readonly place: Place;
  readonly #tar: LayerTar;

  constructor(tar: LayerTar, place: Place) {
    super(tar.path, tar.size, place.offset, place.size);
    this.place = place;
    this.#tar = tar;
  }

  override subarray(begin: number, end: number): FileOnDisk {
    if (!this.place.extents) return super.subarray(begin, end);
    const [from, to] = [Math.min(begin, this.length), Math.max(begin, Math.min(end, this.length))];
    const extents = this.place.extents.flatMap(([position, offset, length]): Extent[] => {
      const [first, last] = [Math.max(position, from), Math.min(position + length, to)];
      return first < last ? [[first - from, offset + first - position, last - first]] : [];
    });
    return new LayerContent(this.#tar, { ...this.place, size: to - from, extents });
  }

  override copy(target: Uint8Array, offset: number, count: number, position: number): void {
    const { extents } = this.place;
    if (!extents) return super.copy(target, offset, count, position);
    target.fill(0, offset, offset + count);
    const end = position + count;
    for (const [start, at, length] of extents) {
      const [first, last] = [Math.max(start, position), Math.min(start + length, end)];
      // The content begins at the first byte of the parts: `super.copy` counts from there.
      if (first < last) super.copy(target, offset + first - position, last - first, at - this.place.offset + first - start);
    }
  }
}

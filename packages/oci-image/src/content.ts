import type { FetchContext } from '@container-os/sources';
import type { ImageLayer, ImageOrigin } from './receipt.ts';

/** Where a target reads images from. */
export interface ImageContext extends FetchContext {
  workspaceRoot: string;
}

/** A blob on disk: a file, or a part of an archive. */
export interface Blob {
  path: string;
  offset: number;
  size: number;
}

/** Where the blobs of an image are, of whichever kind. */
export interface Content {
  origin: ImageOrigin;
  /** The bytes of a manifest or configuration, verified. */
  document(named: { digest: string; size?: number }, kind: 'manifests' | 'blobs'): Promise<Uint8Array>;
  /** Where a layer's blob lies, not yet verified. */
  blob(layer: ImageLayer): Promise<Blob>;
}

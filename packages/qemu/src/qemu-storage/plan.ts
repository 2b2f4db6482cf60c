import type { Accelerator } from '../guest/machine.ts';
import type { StorageOptions } from './schema.d.ts';

/** The plan, as JSON. */
export interface StoragePlan {
  container: string;
  /** Path from the root of the data disk. */
  file: string;
  memory: number;
  accelerator: 'auto' | Accelerator;
}

export function planStorage({ container, file, memory, accelerator }: StorageOptions): StoragePlan {
  return { container, file, memory, accelerator };
}

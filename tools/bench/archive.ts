// node archive.ts DIRECTORY OUTPUT: what the bench measures of our own: a tree as cpio, in a process of its own.
import { readTree, writeLayer } from '@container-os/cpio/fs';

const [directory = '', output = ''] = process.argv.slice(2);
await writeLayer(output, await readTree(directory));

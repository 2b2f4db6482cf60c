// npm run check:paths: nothing in the repository may name a package mirror or a directory of the machine it
// was written on. Mirrors come from the host's own apt and npm configuration.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFiles, root } from './files.ts';

const FORBIDDEN = [
  /\bdeb\.debian\.org\b/,
  /\bsecurity\.debian\.org\b/,
  /\bsnapshot\.debian\.org\b/,
  /\bregistry\.npmjs\.org\b/,
  /(^|[\s"'`=(])\/(work|home)\/[\w.]/,
];

const found = repositoryFiles().flatMap((file) =>
  readFileSync(join(root, file), 'latin1')
    .split('\n')
    .flatMap((line, index) => FORBIDDEN.filter((one) => one.test(line)).map((one) => `${file}:${index + 1}: ${one.exec(line)?.[0].trim()}`)),
);
if (found.length > 0) {
  console.error(
    `mirrors or paths of a machine:\n${found.map((one) => `  ${one}`).join('\n')}\n  hint: Read the value from the host's configuration, or remove it.`,
  );
  process.exit(1);
}

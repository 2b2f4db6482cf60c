import type { Tree } from '@nx/devkit';
import { join, posix } from 'node:path';
import { check, type Remark, type Verdict } from '../../check/check.ts';
import { sourceOf } from '../image/from.ts';
import { textsOf } from '../image/write-image.ts';
import { reporting } from '../reporting.ts';
import type { ComposeGeneratorOptions } from './schema.d.ts';

/**
 * Prints what an image would do with a Compose file, class by class, and writes nothing.
 *
 * @throws BuildError COMPOSE_FILE_MISSING
 * @example npx nx g @container-os/image:compose compose.yaml
 */
export default reporting<ComposeGeneratorOptions>((tree: Tree, { file }) => {
  const source = sourceOf(tree, file);
  const verdict = check(join(tree.root, source), tree.root, textsOf(tree).read);
  // With --dry-run too.
  console.log(report(source, verdict));
  return verdict.result === 'refused' ? [] : [`npx nx g @container-os/image:image os/edge --from ${source}  makes an image of it`];
});

function report(file: string, { result, problems, optOuts, withoutEffect, incomplete }: Verdict): string {
  const at = ({ file: other, key, line, reason }: Remark): string =>
    `${other === undefined ? file : posix.join(posix.dirname(file), other)}:${line}: ${key === '' ? '' : `${key}: `}${reason}`;
  const classes: [string, string[]][] = [
    ['Refused', problems.map((problem) => `${at(problem)}\n    hint: ${problem.hint}`)],
    ['Opt-outs, which weaken what the OS promises', optOuts.map(at)],
    ['Without effect', withoutEffect.map(at)],
    ['What a build needs besides the file', incomplete],
  ];
  const told = classes.flatMap(([title, lines]) => (lines.length > 0 ? [`\n${title}:`, ...lines.map((line) => `  ${line}`)] : []));
  return [`${file}: ${result === 'refused' ? 'no image can be made of it as it is' : 'an image can be made of it'}`, ...told].join('\n');
}

import { formatError } from '@container-os/core/errors';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';

/** A generator that formats what it writes as the workspace does, ends with what to do next, and whose error is a code, a reason and a hint. */
export function reporting<Options>(generate: (tree: Tree, options: Options) => string[] | Promise<string[]>) {
  return async (tree: Tree, options: Options): Promise<GeneratorCallback> => {
    try {
      const next = await generate(tree, options);
      await formatFiles(tree);
      return () => {
        if (next.length > 0) console.log(`\n${next.map((line) => `  ${line}`).join('\n')}\n`);
      };
    } catch (error) {
      throw new Error(formatError(error), { cause: error });
    }
  };
}

import type { LockedArtifact } from '../lock.ts';

/** An artifact as it was built here. */
interface Built {
  outputs: { file: string; size: number; sha256: string }[];
  toolchain: Record<string, string>;
  recipe: string;
}

export type Difference =
  | { code: 'RECIPE_DIFFERS'; lines: string[] }
  /** Other tools make other bytes: nothing is said of the artifact. */
  | { code: 'TOOLCHAIN_DIFFERS'; lines: string[] }
  | { code: 'PREBUILT_DIFFERS'; lines: string[] };

export const HINTS: Record<Difference['code'], string> = {
  RECIPE_DIFFERS: 'Compare with the lock file of this version: its options, files and sources were others.',
  TOOLCHAIN_DIFFERS: 'Build with the versions that the lock file names, then run the same command again: other tools make other bytes.',
  PREBUILT_DIFFERS: 'Do not use the prebuilt artifact: equal sources, options and tools made other bytes. Set "sources": "source", and report it.',
};

/** Why an artifact that was built here is not the prebuilt one; undefined for equal bytes, whatever made them. */
export function compare({ recipe, manifest, files }: LockedArtifact, built: Built): Difference | undefined {
  const outputs = new Map(built.outputs.map((output) => [output.file, output]));
  const lines = files.flatMap(({ name, size, sha256 }) => {
    const output = outputs.get(name);
    if (output?.sha256 === sha256) return [];
    return [`${name}: expected ${size} bytes with sha256 ${sha256}, got ${output ? `${output.size} bytes with sha256 ${output.sha256}` : 'no such file'}`];
  });
  const more = built.outputs.filter(({ file }) => !files.some(({ name }) => name === file)).map(({ file }) => `${file}: expected no such file`);
  if (lines.length + more.length === 0) return undefined;
  if (recipe !== built.recipe) return { code: 'RECIPE_DIFFERS', lines: [...lines, ...more, `recipe: expected ${recipe}, got ${built.recipe}`] };
  const tools = Object.keys({ ...manifest.toolchain, ...built.toolchain }).filter((tool) => manifest.toolchain[tool] !== built.toolchain[tool]);
  if (tools.length > 0)
    return {
      code: 'TOOLCHAIN_DIFFERS',
      lines: tools.map((tool) => `${tool}: prebuilt with ${manifest.toolchain[tool] ?? 'none'}, here ${built.toolchain[tool] ?? 'none'}`),
    };
  return { code: 'PREBUILT_DIFFERS', lines: [...lines, ...more] };
}

export function describe({ name, code, lines }: Difference & { name: string }): string {
  return [`${name}: ${code}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

import type { Pin } from './lock.ts';

/** What differs between two pins of one source, a line each: the version, then files that went and came. None when their files are the same. */
export function describeChange(name: string, before: Pick<Pin, 'version' | 'files'>, after: Pick<Pin, 'version' | 'files'>): string[] {
  const missingIn =
    (other: typeof before) =>
    ({ sha256 }: Pin['files'][number]) =>
      !other.files.some((file) => file.sha256 === sha256);
  const went = before.files.filter(missingIn(after)).map((file) => `  - ${file.name}  ${file.sha256}`);
  const came = after.files.filter(missingIn(before)).map((file) => `  + ${file.name}  ${file.sha256}`);
  if (went.length + came.length === 0) return [];
  const version = before.version === after.version ? before.version : `${before.version} → ${after.version}`;
  return [`${name} ${version}`, ...went, ...came];
}

import type { LockedArtifact, PrebuiltLock } from '../lock.ts';

/** What differs between two lock files, a line each: their versions, then by artifact the files that went and came. */
export function describeChanges(before: PrebuiltLock | undefined, after: PrebuiltLock): string[] {
  const names = [...new Set([...Object.keys(before?.artifacts ?? {}), ...Object.keys(after.artifacts)])].sort();
  return [
    `${after.platform} ${change(before && titleOf(before), titleOf(after))}`,
    ...(before?.origin === after.origin ? [] : [`origin ${change(before?.origin, after.origin)}`]),
    ...names.flatMap((name) => describeArtifact(name, before?.artifacts[name], after.artifacts[name])),
  ];
}

function describeArtifact(name: string, before: LockedArtifact | undefined, after: LockedArtifact | undefined): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const files = [...filesOnlyIn(before, after, '-'), ...filesOnlyIn(after, before, '+')];
  const how = files.length === 0 ? ': the same files, of another recipe, other sources or other tools' : '';
  return [`${name} ${change(before?.manifest.version, after?.manifest.version)}${how}`, ...files];
}

function filesOnlyIn(one: LockedArtifact | undefined, other: LockedArtifact | undefined, sign: string): string[] {
  const known = new Set(other?.files.map(({ name, sha256 }) => `${name} ${sha256}`));
  return (one?.files ?? []).flatMap(({ name, sha256 }) => (known.has(`${name} ${sha256}`) ? [] : [`  ${sign} ${name}  ${sha256}`]));
}

function titleOf({ version, serial }: PrebuiltLock): string {
  return `${version} (${serial === undefined ? 'no serial' : `serial ${serial}`})`;
}

function change(before = 'none', after = 'none'): string {
  return before === after ? after : `${before} → ${after}`;
}

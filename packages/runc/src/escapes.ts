/**
 * Container escapes of runc, each with the first version of every series that closes it. Source:
 * https://github.com/opencontainers/runc/security/advisories
 */
const ESCAPES: Readonly<Record<string, readonly string[]>> = {
  'CVE-2024-21626': ['1.1.12'],
  'CVE-2024-45310': ['1.1.14'],
  'CVE-2025-31133': ['1.2.8', '1.3.3'],
  'CVE-2025-52565': ['1.2.8', '1.3.3'],
  'CVE-2025-52881': ['1.2.8', '1.3.3'],
};

/** The escapes that upstream's release `version` still has: `CVE-2025-31133 (closed in 1.2.8 and 1.3.3)`. A distribution may have patched them. */
export function openEscapes(version: string): string[] {
  return Object.entries(ESCAPES)
    .filter(([, closedIn]) => !isClosed(version, closedIn))
    .map(([name, closedIn]) => `${name} (closed in ${closedIn.join(' and ')})`);
}

/** Whether the version's own series closes the escape, or all series that close it are older. */
function isClosed(version: string, closedIn: readonly string[]): boolean {
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  const series = closedIn.map(numbers);
  const own = series.find(([a, b]) => a === major && b === minor);
  if (own) return patch >= (own[2] ?? 0);
  return series.every(([a = 0, b = 0]) => a < major || (a === major && b < minor));
}

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}

/** The symbols that a Kconfig file declares, with prefix: `config VETH` and `menuconfig NET` give `CONFIG_VETH` and `CONFIG_NET`. */
export function declaredSymbols(kconfig: string): string[] {
  return [...kconfig.matchAll(/^\s*(?:menu)?config\s+(\w+)\s*$/gm)].map(([, name]) => `CONFIG_${name}`);
}

/** Up to three of `known` that a typing error of `symbol` could have meant, the likeliest first. */
export function nearest(symbol: string, known: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(bare(symbol).length / 3));
  return [...known]
    .map((name) => ({ name, distance: editDistance(bare(symbol), bare(name)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

function bare(symbol: string): string {
  return symbol.replace(/^CONFIG_/, '');
}

/** Levenshtein's, one row of the matrix at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Differences from umoci that are wanted, or that the comparison itself makes. The first that fits counts. */
export const REASONS: { image: RegExp; difference: RegExp; why: string }[] = [
  {
    image: /./,
    difference: /^\/: mtime 1735689600, umoci 0$/,
    why: 'a root without an entry of its own has the date of the OS; with umoci, 1970',
  },
  {
    image: /./,
    difference: /^\/\S*: umoci's alone, a (character|block|fifo)$/,
    why: 'devices and FIFOs are left out and told',
  },
  {
    image: /that AUFS wrote/,
    difference: /^\/\.wh\.\.wh\.plnk/,
    why: 'names that AUFS wrote for itself; umoci keeps them',
  },
  {
    image: /access control list/,
    difference: /xattrs \{\}, umoci \{"system\.posix_acl_access":/,
    why: 'a squashfs has no room for ACLs: left out and told; the group has what the mode in the archive gives',
  },
  {
    image: /^"\.\." above the root$/,
    difference: /^ours: refused: .* leaves the root; umoci: taken$/,
    why: 'umoci cuts what climbs above the root; an image that tries is refused',
  },
  {
    image: /^(a whiteout of nothing|a directory that is a whiteout)$/,
    difference: /^ours: refused: .*; umoci: taken$/,
    why: 'names that image-spec reserves; umoci hides the whole directory, or keeps the name',
  },
  {
    image: /^a file below a file$/,
    difference: /^ours: refused: .* is a file, not a directory; umoci: taken$/,
    why: 'umoci replaces the file of the lower layer by a directory',
  },
  {
    image: /^(trusted\.overlay|a name that is not UTF-8)$/,
    difference: /^ours: refused: .*; umoci: taken$/,
    why: 'refused by decision: overlayfs would obey the attribute; names of the OS are UTF-8',
  },
  { image: /./, difference: /^ours: refused: .*; umoci: refused: /, why: 'both refuse' },
];

/** Docker knows no limit; a directory has 255. */
const LENGTH_MAX = 128;
/** Of a label of the DNS; the kernel takes 64. */
const HOSTNAME_MAX = 63;

/** What is wrong with the name of a container. It names directories, a cgroup, a container of the OCI runtime and a host. */
export function nameFault(name: string): string | undefined {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return 'expected letters, digits, "_", "." and "-", and a letter or a digit first';
  if (name.length > LENGTH_MAX) return `expected at most ${LENGTH_MAX} characters, got ${name.length}`;
  // A control group is a directory between files of the kernel.
  if (/^(cgroup|cpu|cpuset|hugetlb|io|irq|memory|misc|pids|rdma)\./.test(name)) return 'expected a name that is no file of a control group';
  return undefined;
}

/** The host name of a container that has none of its own: its name, as a label of the DNS. */
export function hostnameOf(container: string): string {
  const label = container.replace(/[^a-zA-Z0-9-]/g, '-').slice(0, HOSTNAME_MAX);
  return label.replace(/-+$/, '');
}

/** Whether a text is an IP address as Go's net.ParseIP takes it. */
export function isIP(address: string): boolean {
  return isIPv4(address) || isIPv6(address);
}

function isIPv4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIPv6(address: string): boolean {
  const [head = '', tail, ...rest] = address.split('::');
  if (rest.length > 0 || !address.includes(':')) return false;
  const groups = [...groupsOf(head), ...groupsOf(tail ?? '')];
  const last = groups.at(-1) ?? '';
  const count = groups.length + (last.includes('.') ? 1 : 0);
  const wellFormed = groups.every((group, index) => /^[0-9a-fA-F]{1,4}$/.test(group) || (index === groups.length - 1 && isIPv4(group)));
  return wellFormed && (tail === undefined ? count === 8 : count < 8);
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}

/** Whether the text is an IPv4 address (four decimal numbers without leading zeros) or an IPv6 address without zone, as Go's net.ParseIP. */
export function isIp(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (!text.includes(':') || halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const embedded = last?.includes('.') && !text.endsWith('::');
  const count = groups.length + (embedded ? 1 : 0);
  const hexadecimal = embedded ? groups.slice(0, -1) : groups;
  if (embedded && !isIpv4(last!)) return false;
  return hexadecimal.every((group) => /^[\da-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

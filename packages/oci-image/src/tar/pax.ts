import { HeaderError } from './header.ts';

/** The records of a pax extended header, in their order, since GNU's sparse files repeat keys. Values are bytes: those of `SCHILY.xattr.*` are no text. */
export type PaxRecords = [key: string, value: Buffer][];

/** `"%d %s=%s\n", <length of the record>, <key>, <value>`. @throws HeaderError */
export function decodePax(bytes: Buffer): PaxRecords {
  const records: PaxRecords = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const digits = bytes.toString('latin1', at, Math.min(space, at + 12));
    const end = at + Number(digits);
    const equals = bytes.indexOf(0x3d, space);
    if (space === -1 || !/^[1-9]\d*$/.test(digits) || end > bytes.length || equals === -1 || equals >= end || bytes[end - 1] !== 0x0a)
      throw new HeaderError(`byte ${at} of a pax header begins no record`);
    records.push([bytes.toString('utf8', space + 1, equals), bytes.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** One record; its length counts its own digits. */
export function encodePaxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  // One digit more can make the length one digit longer.
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

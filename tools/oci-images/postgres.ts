import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** The first message of a client: source: PostgreSQL documentation, Frontend/Backend Protocol. */
export function startupMessage(user: string): Buffer {
  return message('', Buffer.concat([int32(0x0003_0000), Buffer.from(`user\0${user}\0\0`)]));
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Logs in as postgres by SCRAM-SHA-256 (RFC 5802) and asks one query; gives the first column of each row, a line each. */
export function postgres(port: number | undefined, password: string, sql: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port ?? 0, '127.0.0.1', () => socket.write(startupMessage('postgres')));
    const nonce = randomBytes(12).toString('base64');
    const rows: string[] = [];
    let pending = Buffer.alloc(0);
    let asked = false;

    function authenticate(body: Buffer): void {
      const kind = body.readUInt32BE(0);
      const text = body.subarray(4).toString();
      if (kind === 10) {
        const first = Buffer.from(`n,,n=,r=${nonce}`);
        socket.write(message('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), int32(first.length), first])));
      } else if (kind === 11) {
        socket.write(message('p', Buffer.from(proof(text))));
      }
    }

    function proof(challenge: string): string {
      const field = Object.fromEntries(challenge.split(',').map((part) => [part[0], part.slice(2)]));
      const salted = pbkdf2Sync(password, Buffer.from(field['s'] ?? '', 'base64'), Number(field['i']), 32, 'sha256');
      const key = createHmac('sha256', salted).update('Client Key').digest();
      const last = `c=biws,r=${field['r']}`;
      const signed = createHmac('sha256', createHash('sha256').update(key).digest()).update(`n=,r=${nonce},${challenge},${last}`).digest();
      return `${last},p=${Buffer.from(key.map((byte, index) => byte ^ (signed[index] ?? 0))).toString('base64')}`;
    }

    function take(type: string, body: Buffer): void {
      if (type === 'R') authenticate(body);
      else if (type === 'D') rows.push(body.subarray(6, 6 + body.readInt32BE(2)).toString());
      else if (type === 'E') socket.destroy(new Error(`PostgreSQL: ${body.toString().replaceAll('\0', ' ')}`));
      else if (type === 'Z' && asked) resolve((socket.end(message('X', Buffer.alloc(0))), rows.join('\n')));
      else if (type === 'Z') asked = socket.write(message('Q', Buffer.from(`${sql}\0`))) || true;
    }

    socket.setTimeout(20_000, () => socket.destroy(new Error(`${port}: PostgreSQL does not answer`)));
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 5 && pending.length > pending.readUInt32BE(1)) {
        const end = 1 + pending.readUInt32BE(1);
        take(String.fromCharCode(pending[0] ?? 0), pending.subarray(5, end));
        pending = pending.subarray(end);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${port}: PostgreSQL closed the connection`)));
  });
}

import { pino } from 'pino';

/** One thing that the log tells. No token is ever in it. */
export interface Event {
  level: 'debug' | 'info' | 'warn';
  event: 'fault' | 'listening' | 'open' | 'close';
  message: string;
  reason?: string;
  method?: string;
  hash?: string;
  status?: number;
}

/** Where events go. */
export type Report = (event: Event) => void;

/**
 * JSON lines on standard output, as those of the server.
 *
 * @example
 * const report = reportJson('info');
 */
export function reportJson(level: string): Report {
  const log = pino({ level, base: null }, pino.destination({ fd: 1, sync: true }));
  return ({ level: one, message, ...details }) => log[one](details, message);
}

/** Plain lines on standard error, among those of the command that is run. */
export function reportText(level: string): Report {
  const shown = ['debug', 'info', 'warn'].slice(Math.max(0, ['debug', 'info', 'warn'].indexOf(level)));
  const isSilent = level === 'error' || level === 'silent';
  return ({ level: one, message, reason, method, hash, status }) => {
    if (isSilent || !shown.includes(one)) return;
    process.stderr.write(`remote cache: ${method === undefined ? message : `${method} ${hash}: answered ${status}, because ${message} (${reason})`}\n`);
  };
}

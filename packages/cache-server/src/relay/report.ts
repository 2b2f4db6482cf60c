import { pino } from 'pino';

/** A log entry. It never holds a token. */
export interface Event {
  level: 'debug' | 'info' | 'warn';
  event: 'fault' | 'listening' | 'open' | 'close';
  message: string;
  reason?: string;
  method?: string;
  hash?: string;
  status?: number;
}

/** Logs an event. */
export type Report = (event: Event) => void;

/**
 * Logs JSON lines on standard output, like the server.
 *
 * @example
 * const report = reportJson('info');
 */
export function reportJson(level: string): Report {
  const log = pino({ level, base: null }, pino.destination({ fd: 1, sync: true }));
  return ({ level: one, message, ...details }) => log[one](details, message);
}

/** Logs plain lines on standard error, between those of the command that runs. */
export function reportText(level: string): Report {
  const shown = ['debug', 'info', 'warn'].slice(Math.max(0, ['debug', 'info', 'warn'].indexOf(level)));
  const isSilent = level === 'error' || level === 'silent';
  return ({ level: one, message, reason, method, hash, status }) => {
    if (isSilent || !shown.includes(one)) return;
    process.stderr.write(`remote cache: ${method === undefined ? message : `${method} ${hash}: answered ${status}, because ${message} (${reason})`}\n`);
  };
}

/** signal(7) on x86-64, from 1 on. */
const SIGNALS =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );
/** The first and the last of the real-time signals that a C library leaves to programs. */
const RTMIN = 34;
const RTMAX = 64;

/**
 * A stop signal as a definition has it: `SIGTERM`, and a number for a real-time signal. undefined: there is none of that name.
 *
 * @example
 * signalOf('term'); // 'SIGTERM'
 * signalOf('3'); // 'SIGQUIT'
 * signalOf('SIGRTMIN+3'); // '37'
 */
export function signalOf(text: string): string | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  const number = /^\d+$/.test(name) ? Number(name) : numberOf(name);
  if (number === undefined || number < 1 || number > RTMAX) return undefined;
  const known = SIGNALS[number - 1];
  return known === undefined ? String(number) : `SIG${known}`;
}

function numberOf(name: string): number | undefined {
  const [, end, sign, distance = '0'] = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name) ?? [];
  if (end === undefined) return SIGNALS.includes(name) ? SIGNALS.indexOf(name) + 1 : undefined;
  const number = (end === 'MIN' ? RTMIN : RTMAX) + Number(`${sign ?? '+'}${distance}`);
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}

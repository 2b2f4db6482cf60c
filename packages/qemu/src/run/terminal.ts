import { openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';

/**
 * A descriptor of the terminal in which Nx was started, which Nx gives a task's standard input but not its output; undefined where there is
 * none, or where it belongs to another job of the shell.
 */
export function openTerminal(): number | undefined {
  return process.stdin.isTTY && isInForeground() ? openSync('/dev/tty', 'r+') : undefined;
}

/** A process in the background that reads from the terminal is stopped. Source: proc(5), /proc/pid/stat. */
function isInForeground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // After the name of the program, which may hold anything: " S PPID PGRP SESSION TTY TPGID".
  const [, , , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
  return group === foreground;
}

/** Writes rows and columns of the terminal's window as a line, and again whenever the window gets another size. Returns what ends that. */
export function sendWindowSize(to: Writable): () => void {
  const send = (): boolean => to.write(`${windowSize().join(' ')}\n`);
  // The guest may be off already.
  to.on('error', () => undefined);
  send();
  process.on('SIGWINCH', send);
  return () => void process.off('SIGWINCH', send);
}

/** Rows and columns. */
function windowSize(): [number, number] {
  const descriptor = openSync('/dev/tty', 'r+');
  const terminal = new WriteStream(descriptor);
  const { rows, columns } = terminal;
  terminal.destroy();
  return [rows, columns];
}

/** What the commands do to the OS; in it, QuickJS does it, in a test, Node. */
export interface System {
  /** The content of a file; undefined when it cannot be read. */
  read(path: string): string | undefined;
  /** Names in a directory, sorted; none when there is none. */
  list(path: string): string[];
  /** The path without symlinks, absolute; undefined when nothing is there. */
  realPath(path: string): string | undefined;
  /** Writes a file. Error: `CommandError`. */
  write(path: string, text: string): void;
  /** Makes a directory, or leaves the one that is there. */
  makeDirectory(path: string): void;
  remove(path: string): void;
  /** Runs a program, which shares standard output, and standard input unless told, and returns its exit code. */
  execute(argv: string[], options?: { noInput?: boolean }): number;
  print(text: string): void;
  complain(text: string): void;
  isTerminal(): boolean;
  sleep(milliseconds: number): void;
  /** Of this process. */
  readonly pid: number;
}

/** What a user can cause; printed as `cosctl: message`. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Wrong usage, as in every program of the shell. */
export const USAGE = 2;

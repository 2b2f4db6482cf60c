/** The commands' interface to the OS: QuickJS implements it in the OS, Node in tests. */
export interface System {
  /** The content of a file; undefined if it cannot be read. */
  read(path: string): string | undefined;
  /** Names in a directory, sorted; empty if there is no such directory. */
  list(path: string): string[];
  /** The absolute path without symlinks; undefined if nothing is there. */
  realPath(path: string): string | undefined;
  /** Writes a file. @throws CommandError. */
  write(path: string, text: string): void;
  /** Creates a directory, unless it exists. */
  makeDirectory(path: string): void;
  remove(path: string): void;
  /** Runs a program, which shares standard output and, without `noInput`, standard input; returns its exit code. */
  execute(argv: string[], options?: { noInput?: boolean }): number;
  print(text: string): void;
  complain(text: string): void;
  isTerminal(): boolean;
  sleep(milliseconds: number): void;
  /** The id of this process. */
  readonly pid: number;
}

/** An error that a user can cause; printed as `cosctl: message`. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Wrong usage, as in every program of the shell. */
export const USAGE = 2;

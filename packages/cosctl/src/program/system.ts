/** What the commands do to the OS; in it, QuickJS does it, in a test, Node. */
export interface System {
  /** The content of a file; undefined when it cannot be read. */
  read(path: string): string | undefined;
  /** Names in a directory, sorted; none when there is none. */
  list(path: string): string[];
  remove(path: string): void;
  /** Runs a program, which shares standard input and output, and returns its exit code. */
  execute(argv: string[]): number;
  print(text: string): void;
  complain(text: string): void;
  isTerminal(): boolean;
  sleep(milliseconds: number): void;
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

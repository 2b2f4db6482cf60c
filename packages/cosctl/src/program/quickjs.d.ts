/** The part of QuickJS's own modules that cosctl uses (its manual, sections 3.3.1 and 3.3.2). */
declare module 'std' {
  export function exit(code: number): never;
  export function open(path: string, flags: string): { readAsString(): string; puts(text: string): void; close(): number } | null;
  export const out: { puts(text: string): void; flush(): void };
  export const err: { puts(text: string): void; flush(): void };
}
declare module 'os' {
  export const O_RDONLY: number;
  export function open(path: string, flags: number): number;
  export function close(descriptor: number): number;
  export function readdir(path: string): [names: string[], errno: number];
  export function realpath(path: string): [path: string, errno: number];
  export function mkdir(path: string, mode: number): number;
  export function exec(argv: string[], options?: { block?: boolean; usePath?: boolean; stdin?: number }): number;
  export function remove(path: string): number;
  export function sleep(milliseconds: number): void;
  export function isatty(descriptor: number): boolean;
  export function getpid(): number;
}
declare const scriptArgs: string[];
declare const COSCTL_VERSION: string;

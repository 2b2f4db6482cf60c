/** The compiler and its arguments; musl makes a static program of 18 kB, where glibc makes one of 690. */
export function compileArgv(source: string, program: string): [string, ...string[]] {
  return ['musl-gcc', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Os', '-static', '-s', '-Wl,--build-id=none', '-o', program, source];
}

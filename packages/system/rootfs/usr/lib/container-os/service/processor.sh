# shellcheck shell=sh
# Sourced by finish: tells whether a program ended because this processor is too old for it.

# processor_fault CODE LAST: prints the cause, unless the exit code and the last line of the log have another. 132 is SIGILL, from a
# shell or init around the program too; the texts are those of glibc, which looks before it starts the program.
processor_fault() {
  case $1:$2 in
    132:*) how='may need' ;;
    *'CPU does not support x86-64-v'* | *'CPU ISA level is lower than required'*) how=needs ;;
    *) return 1 ;;
  esac
  printf 'the program %s a newer processor than this one (%s): ' "$how" "$(processor_level)"
}

# processor_level: as the x86-64 psABI counts, by the feature of each level that came last.
processor_level() {
  while read -r key flags; do
    [ "$key" = flags ] || continue
    case " $flags " in
      *' avx512vl '*) echo x86-64-v4 ;;
      *' avx2 '*) echo x86-64-v3 ;;
      *' sse4_2 '*) echo x86-64-v2 ;;
      *) echo x86-64 ;;
    esac
    return
  done </proc/cpuinfo
}

/* tsc NAME: prints the processor's counter, which runs from reset. */
#include <stdio.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
	printf("%s at TSC %llu\n", argc > 1 ? argv[1] : "now", __rdtsc());
	return 0;
}

/* An init that does nothing: it prints the processor's counter, as init and as what a container would print. */
#include <stdio.h>
#include <unistd.h>
#include <x86intrin.h>

int main(void)
{
	unsigned long long counter = __rdtsc();

	printf("init at TSC %llu\ncontainer at TSC %llu\n", counter, counter);
	fflush(stdout);
	for (;;)
		pause();
}

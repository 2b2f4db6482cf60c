#include <stdio.h>

int main(void)
{
	puts(SAYS);
	return 0;
}

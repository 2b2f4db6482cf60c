#ifndef PRIVILEGES_H
#define PRIVILEGES_H

/* Keeps only the capabilities and system calls that the resolver needs, for good; 0 if that has been done. */
int give_up_privileges(void);
#endif

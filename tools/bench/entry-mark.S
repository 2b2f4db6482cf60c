/*
 * Takes the place of a program's first instructions: prints "mark " and the processor's counter, as 16 letters A to P, the most
 * significant first, on the first serial port, and stops. The bytes for 32-bit mode mean the same in 64-bit mode.
 */
#ifdef REAL_MODE
	.code16
#else
	.code32
#endif
	.macro put character
	mov $\character, %al
	out %al, %dx
	.endm

	rdtsc
	mov %eax, %edi
	mov %edx, %ebx
	mov $0x3f8, %edx
	put 'm'
	put 'a'
	put 'r'
	put 'k'
	put ' '
	mov $16, %ecx
1:	mov %ebx, %eax
	shr $28, %eax
	add $'A', %al
	out %al, %dx
	shld $4, %edi, %ebx
	shl $4, %edi
	loop 1b
	cli
2:	hlt
	jmp 2b

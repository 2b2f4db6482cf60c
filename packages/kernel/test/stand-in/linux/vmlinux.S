	.globl _start
_start:	hlt
#ifdef PVH
	.section .note.Xen, "a", @note
	.long 4, 4, 0x12	/* lengths of name and value, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long 0x1000000
#endif

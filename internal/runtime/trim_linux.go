package runtime

/*
#include <stdlib.h> // tells which library it is
#ifdef __GLIBC__
#include <malloc.h>
static void trim(void) { malloc_trim(0); }
#else
static void trim(void) {}
#endif
*/
import "C"

// trim gives the system what the C library keeps of freed memory. Loading a network for many
// runs frees as much as its weights take, and closing it a gigabyte; glibc keeps most of either.
func trim() { C.trim() }

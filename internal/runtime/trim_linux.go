package runtime

/*
#include <stdlib.h> // defines __GLIBC__
#ifdef __GLIBC__
#include <malloc.h>
static void trim(void) { malloc_trim(0); }
#else
static void trim(void) {}
#endif
*/
import "C"

// trim returns freed memory to the system. Loading a throughput session frees as much as its weights
// take, and closing it a gigabyte; glibc would keep most of it.
func trim() { C.trim() }

// The decoder's child: a process of this program in which C takes over before Go starts, and decodes
// what hostile files could break. child.c is the child's side, child.go the parent's.

#include <stddef.h>
#include <stdint.h>

#include "system.h"

// AKIN_CHILD is the environment variable that makes a process a child. Its value is the kind (heif, svg, jxl, jp2, raw)
// and then the names of libraries to try, all divided by semicolons.
#define AKIN_CHILD "AKIN_DECODER_CHILD"
#define AKIN_MAGIC 0x616b6902 // the last byte is the version of what follows

// The questions.
#define AKIN_READ 1 // a file; its bytes follow. Behind the answer come the bytes of EXIF
#define AKIN_DRAW 2 // what was read, as width x height, or in space and chroma (HEIF).
// Behind the answer come the rows of its planes, without padding

struct akin_ask {
	uint32_t magic, op;
	uint64_t size;   // bytes of the file
	uint64_t memory; // bytes that the picture may take
	uint32_t seconds; // of processor time
	int32_t width, height;
	int32_t space, chroma;
	int32_t across, down; // of red and blue every so-manieth sample is wanted
};

// What holds the child; the first answer says it.
#define AKIN_HAS_MEMORY 1
#define AKIN_HAS_SECCOMP 2
#define AKIN_HAS_LANDLOCK 4

// Whether this code is part of the program that /proc/self/exe or os.Executable names.
int akin_child_is_main(void);

// Gives up what a decoder does not need of the system, as far as the system lets it; the AKIN_HAS_ of what it did.
unsigned akin_sandbox(int reads_files);

// C's half of system.go: libraries that are found at run time. Nothing here
// needs their headers; the few prototypes are written down in system.c.

#include <stddef.h>
#include <stdint.h>

#define AKIN_TEXT 256
#define AKIN_TRUNCATED "truncated"
#define AKIN_STOPPED "stopped"

// Opens a library, and finds a function of it. They give NULL and 0 with the reason in text where there is none.
void *akin_library(const char *name, char *text);
int akin_symbol(void *lib, const char *name, void **to, char *text);

struct akin_jpeg {
	void *std_error, *create, *destroy, *read_header, *start, *read_scanlines, *finish, *resync;
	int abi;
};

// Each open tries one library by name. They give 1, or 0 with the reason in text. width and height are those of the
// file; out has those divided by scale (1, 2, 4 or 8), rounded up.
int akin_jpeg_open(struct akin_jpeg *lib, const char *name, char *text);
int akin_jpeg_decode(const struct akin_jpeg *lib, const uint8_t *data, size_t size, uint8_t *out, unsigned width,
		     unsigned height, unsigned scale, const int32_t *stop, char *text);

struct akin_plane {
	int32_t channel; // as libheif counts: 0 to 2 Y, Cb, Cr; 3 to 5 R, G, B; 6 alpha; 10 R, G, B together
	int32_t width, height;
	int32_t bits; // of a sample, which is two bytes where bits is over 8
};

// What went wrong.
#define AKIN_FINE 0
#define AKIN_DAMAGED 1
#define AKIN_MEMORY 2
#define AKIN_LACKS 3 // the library cannot do it

struct akin_answer {
	uint32_t magic, failure;
	int32_t width, height;                // upright; HEIF: after irot, imir and clap
	double natural_width, natural_height; // SVG: 0 where the file says none
	uint64_t exif;                        // bytes
	int32_t planes;
	struct akin_plane plane[4];
	uint32_t sandbox, decodes; // of a child's first answer; decodes: 1 HEVC, 2 AV1
	char version[32];
	char text[AKIN_TEXT]; // the failure, or the library's name
};

struct akin_heif {
	void *context, *handle, *image;
};

int akin_heif_open(const char *name, char *text);
int akin_heif_have(int compression); // 1 HEVC, 4 AV1
const char *akin_heif_version(void);
// These give 1, or 0 with failure and text in the answer.
int akin_heif_read(struct akin_heif *h, const uint8_t *data, size_t size, struct akin_answer *answer);
// space and chroma as libheif counts them: 0 YCbCr with 1 4:2:0, 2 4:2:2 or 3 4:4:4; 1 RGB with 3; 2 grey with 0.
int akin_heif_decode(struct akin_heif *h, int space, int chroma, struct akin_answer *answer);
const uint8_t *akin_heif_plane(struct akin_heif *h, int channel, int *stride);
// The size of the EXIF block, which is copied to out where that is size bytes long; 0 where there is none.
size_t akin_heif_exif(struct akin_heif *h, uint8_t *out, size_t size);
void akin_heif_close(struct akin_heif *h);

int akin_svg_open(const char *rsvg, const char *cairo, char *text);
// The natural size in pixels; 0 where the file says none.
int akin_svg_read(void **handle, const uint8_t *data, size_t size, double *width, double *height, char *text);
// rgb is what is seen on white; alpha is written, and *transparent 1, where not all is opaque.
int akin_svg_draw(void *handle, int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent,
		  struct akin_answer *answer);
void akin_svg_close(void *handle);

// JPEG XL, RAW and JPEG 2000: one file at a time. rgb and alpha are as of a drawing.
int akin_jxl_open(const char *name, char *text);
void akin_jxl_version(char *text, size_t size);
int akin_jxl_read(const uint8_t *data, size_t size, struct akin_answer *answer);
// The block of EXIF, which is the caller's to free; NULL where there is none.
uint8_t *akin_jxl_exif(const uint8_t *data, size_t size, size_t *length);
int akin_jxl_draw(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer);
void akin_jxl_close(void);

int akin_raw_open(const char *name, char *text);
const char *akin_raw_version(void);
int akin_raw_read(const uint8_t *data, size_t size, struct akin_answer *answer);
int akin_raw_draw(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer);
void akin_raw_close(void);

int akin_jp2_open(const char *name, char *text);
const char *akin_jp2_version(void);
// planes of the answer is the number of components.
int akin_jp2_read(const uint8_t *data, size_t size, struct akin_answer *answer);
int akin_jp2_draw(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer);
void akin_jp2_close(void);

// C's half of system.go: libraries that are found at run time. Nothing here
// needs their headers; the few prototypes are written down in system.c.

#include <stddef.h>
#include <stdint.h>

#define AKIN_TEXT 256
#define AKIN_TRUNCATED "truncated"
#define AKIN_STOPPED "stopped"

struct akin_jpeg {
	void *std_error, *create, *destroy, *read_header, *start, *read_scanlines, *finish, *resync;
	int abi;
};

// Each open tries one library by name. They give 1, or 0 with the reason in text.
int akin_jpeg_open(struct akin_jpeg *lib, const char *name, char *text);
int akin_jpeg_decode(const struct akin_jpeg *lib, const uint8_t *data, size_t size, uint8_t *out, unsigned width,
		     unsigned height, const int32_t *stop, char *text);

struct akin_heif {
	void *context, *handle, *image;
	int width, height;           // of the picture, upright
	int planes;                  // 1, 3 or 0 where only interleaved is RGB
	int plane_width[3], plane_height[3];
	int matrix, full_range;      // as in ITU-T H.273; matrix 2 is unspecified
};

int akin_heif_open(const char *name, char *text);
int akin_heif_have(int compression); // 1 HEVC, 4 AV1
const char *akin_heif_version(void);
int akin_heif_read(struct akin_heif *h, const uint8_t *data, size_t size, char *text);
// space and chroma as libheif counts them: 0 YCbCr with 1 4:2:0, 2 4:2:2 or 3 4:4:4; 1 RGB with 10 interleaved;
// 2 grey with 0.
int akin_heif_decode(struct akin_heif *h, int space, int chroma, char *text);
void akin_heif_plane(struct akin_heif *h, int plane, uint8_t *out);
// The size of the EXIF block, which is copied to out where that is size bytes long; 0 where there is none.
size_t akin_heif_exif(struct akin_heif *h, uint8_t *out, size_t size);
void akin_heif_close(struct akin_heif *h);

int akin_svg_open(const char *rsvg, const char *cairo, char *text);
// The natural size in pixels; 0 where the file says none.
int akin_svg_read(void **handle, const uint8_t *data, size_t size, double *width, double *height, char *text);
int akin_svg_draw(void *handle, int width, int height, uint8_t *out, char *text);
void akin_svg_close(void *handle);

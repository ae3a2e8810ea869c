//go:build cgo && (linux || darwin)

// LibRaw, by the part of its C interface that its versions share

#include "system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct raw_image { // libraw_processed_image_t
	int type; // 2: pixels
	uint16_t height, width, colours, bits;
	uint32_t size;
	uint8_t data[1];
};

static struct {
	const char *(*version)(void);
	const char *(*error)(int);
	void *(*create)(unsigned);
	void (*close)(void *);
	void (*recycle)(void *);
	int (*open)(void *, const void *, size_t);
	int (*sizes)(void *);
	int (*width)(void *);
	int (*height)(void *);
	int (*unpack)(void *);
	int (*process)(void *);
	struct raw_image *(*image)(void *, int *);
	void (*image_free)(struct raw_image *);
	void (*demosaic)(void *, int);
	void (*bits)(void *, int);
	float (*balance)(void *, int);
	void (*set_balance)(void *, int, float);
	void (*on_data_error)(void *, void (*)(void *, const char *, int64_t), void *);
} raw;

static struct {
	const uint8_t *data;
	size_t size;
	void *decoder;
	int damaged; // LibRaw met data that are not there, or cannot be; it would go on with zeros
} file;

int akin_raw_open(const char *name, char *text)
{
	setenv("OMP_NUM_THREADS", "1", 1); // a child has one thread
	void *so = akin_library(name, text);
	if (!so)
		return 0;
#define NEED(field, name)                                             \
	if (!akin_symbol(so, name, (void **)&raw.field, text)) \
		return 0;
	NEED(version, "libraw_version")
	NEED(error, "libraw_strerror")
	NEED(create, "libraw_init")
	NEED(close, "libraw_close")
	NEED(recycle, "libraw_recycle")
	NEED(open, "libraw_open_buffer")
	NEED(sizes, "libraw_adjust_sizes_info_only")
	NEED(width, "libraw_get_iwidth")
	NEED(height, "libraw_get_iheight")
	NEED(unpack, "libraw_unpack")
	NEED(process, "libraw_dcraw_process")
	NEED(image, "libraw_dcraw_make_mem_image")
	NEED(image_free, "libraw_dcraw_clear_mem")
	NEED(demosaic, "libraw_set_demosaic")
	NEED(bits, "libraw_set_output_bps")
	NEED(balance, "libraw_get_cam_mul")
	NEED(set_balance, "libraw_set_user_mul")
	NEED(on_data_error, "libraw_set_dataerror_handler")
#undef NEED
	return 1;
}

const char *akin_raw_version(void) { return raw.version(); }

static int failed(struct akin_answer *answer, uint32_t failure, const char *text)
{
	answer->failure = failure;
	snprintf(answer->text, AKIN_TEXT, "%s", text);
	return 0;
}

// refused tells one of LibRaw's errors: -2 is a file that it does not know, and -100007 memory that is lacking.
static int refused(struct akin_answer *answer, int status)
{
	return failed(answer, status == -2 ? AKIN_LACKS : status == -100007 ? AKIN_MEMORY : AKIN_DAMAGED, raw.error(status));
}

static void note(void *unused, const char *name, int64_t at) { file.damaged = 1; }

// The file must stay until akin_raw_close.
int akin_raw_read(const uint8_t *data, size_t size, struct akin_answer *answer)
{
	memset(&file, 0, sizeof file);
	file.data = data;
	file.size = size;
	file.decoder = raw.create(0);
	if (!file.decoder)
		return failed(answer, AKIN_MEMORY, "it cannot begin");
	raw.on_data_error(file.decoder, note, NULL);
	int status = raw.open(file.decoder, data, size);
	if (!status)
		status = raw.sizes(file.decoder); // upright, of square pixels; nothing can be decoded after it
	if (status)
		return refused(answer, status);
	answer->width = raw.width(file.decoder);
	answer->height = raw.height(file.decoder);
	answer->planes = 3;
	raw.recycle(file.decoder);
	if (answer->width <= 0 || answer->height <= 0)
		return failed(answer, AKIN_DAMAGED, "bad size");
	// No camera packs two samples into one bit.
	if (size < (uint64_t)answer->width * answer->height / 16)
		return failed(answer, AKIN_DAMAGED, "its samples end early");
	return 1;
}

int akin_raw_draw(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer)
{
	if (!file.decoder)
		return failed(answer, AKIN_DAMAGED, "it was not read");
	*transparent = 0;
	int status = raw.open(file.decoder, file.data, file.size);
	if (!status) {
		// As the camera saw white; each colour from its nearest samples, which is enough for what is made smaller.
		if (raw.balance(file.decoder, 0) > 0)
			for (int i = 0; i < 4; i++)
				raw.set_balance(file.decoder, i, raw.balance(file.decoder, i));
		raw.demosaic(file.decoder, 0);
		raw.bits(file.decoder, 8);
		status = raw.unpack(file.decoder);
	}
	if (!status && !file.damaged)
		status = raw.process(file.decoder);
	if (status)
		return refused(answer, status);
	if (file.damaged)
		return failed(answer, AKIN_DAMAGED, "its samples end early, or are damaged");
	struct raw_image *m = raw.image(file.decoder, &status);
	if (!m)
		return refused(answer, status);
	size_t pixels = (size_t)width * height;
	int fits = m->type == 2 && m->bits == 8 && m->width == width && m->height == height && (m->colours == 3 || m->colours == 1) &&
		   m->size >= pixels * m->colours;
	for (size_t i = 0; fits && i < 3 * pixels; i++)
		rgb[i] = m->data[m->colours == 3 ? i : i / 3];
	raw.image_free(m);
	return fits ? 1 : failed(answer, AKIN_DAMAGED, "its pixels are of another size than it says");
}

void akin_raw_close(void)
{
	if (file.decoder)
		raw.close(file.decoder);
	memset(&file, 0, sizeof file);
}

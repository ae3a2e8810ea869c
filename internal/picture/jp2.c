//go:build cgo && (linux || darwin)

// OpenJPEG

#include "system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jp2_component { // opj_image_comp_t
	uint32_t dx, dy, width, height, x0, y0, bits, bpp, is_signed, resolutions, factor;
	int32_t *samples;
	uint16_t alpha;
};

struct jp2_image { // opj_image_t
	uint32_t x0, y0, x1, y1, components;
	int colours;
	struct jp2_component *component;
	uint8_t *profile;
	uint32_t profile_size;
};

enum { JP2_RGB = 1, JP2_GREY, JP2_YCC, JP2_EYCC, JP2_CMYK };

static struct {
	const char *(*version)(void);
	void *(*create)(int);
	void (*destroy)(void *);
	void (*defaults)(void *);
	int (*setup)(void *, void *);
	int (*on_error)(void *, void (*)(const char *, void *), void *);
	void *(*stream)(size_t, int);
	void (*stream_destroy)(void *);
	void (*on_read)(void *, size_t (*)(void *, size_t, void *));
	void (*on_skip)(void *, int64_t (*)(int64_t, void *));
	void (*on_seek)(void *, int (*)(int64_t, void *));
	void (*user_data)(void *, void *, void (*)(void *));
	void (*length)(void *, uint64_t);
	int (*header)(void *, void *, struct jp2_image **);
	int (*decode)(void *, void *, struct jp2_image *);
	int (*end)(void *, void *);
	void (*image_destroy)(struct jp2_image *);
} jp2;

static struct {
	const uint8_t *data;
	size_t size, at;
	void *codec, *stream;
	struct jp2_image *image;
	char text[AKIN_TEXT]; // the first error
} file;

int akin_jp2_open(const char *name, char *text)
{
	void *so = akin_library(name, text);
	if (!so)
		return 0;
#define NEED(field, name)                                             \
	if (!akin_symbol(so, name, (void **)&jp2.field, text)) \
		return 0;
	NEED(version, "opj_version")
	NEED(create, "opj_create_decompress")
	NEED(destroy, "opj_destroy_codec")
	NEED(defaults, "opj_set_default_decoder_parameters")
	NEED(setup, "opj_setup_decoder")
	NEED(on_error, "opj_set_error_handler")
	NEED(stream, "opj_stream_create")
	NEED(stream_destroy, "opj_stream_destroy")
	NEED(on_read, "opj_stream_set_read_function")
	NEED(on_skip, "opj_stream_set_skip_function")
	NEED(on_seek, "opj_stream_set_seek_function")
	NEED(user_data, "opj_stream_set_user_data")
	NEED(length, "opj_stream_set_user_data_length")
	NEED(header, "opj_read_header")
	NEED(decode, "opj_decode")
	NEED(end, "opj_end_decompress")
	NEED(image_destroy, "opj_image_destroy")
#undef NEED
	return 1;
}

const char *akin_jp2_version(void) { return jp2.version(); }

static size_t read_bytes(void *to, size_t n, void *unused)
{
	size_t left = file.size - file.at;
	if (!left)
		return (size_t)-1;
	n = n < left ? n : left;
	memcpy(to, file.data + file.at, n);
	file.at += n;
	return n;
}

static int64_t skip_bytes(int64_t n, void *unused)
{
	int64_t left = file.size - file.at;
	if (n < -(int64_t)file.at || (n > 0 && !left))
		return -1;
	n = n < left ? n : left;
	file.at += n;
	return n;
}

static int seek_bytes(int64_t at, void *unused)
{
	if (at < 0 || (uint64_t)at > file.size)
		return 0;
	file.at = at;
	return 1;
}

static void note(const char *text, void *unused)
{
	if (!file.text[0])
		snprintf(file.text, sizeof file.text, "%.*s", (int)strcspn(text, "\n"), text);
}

static int failed(struct akin_answer *answer, uint32_t failure, const char *text)
{
	answer->failure = failure;
	snprintf(answer->text, AKIN_TEXT, "%s", text);
	return 0;
}

// The file must stay until akin_jp2_close.
int akin_jp2_read(const uint8_t *data, size_t size, struct akin_answer *answer)
{
	static long parameters[4096]; // opj_dparameters_t is a quarter of that
	memset(&file, 0, sizeof file);
	file.data = data;
	file.size = size;
	file.codec = jp2.create(size > 4 && data[0] == 0xff ? 0 : 2); // OPJ_CODEC_J2K, OPJ_CODEC_JP2
	file.stream = jp2.stream(1 << 20, 1);
	if (!file.codec || !file.stream)
		return failed(answer, AKIN_MEMORY, "it cannot begin");
	jp2.on_error(file.codec, note, NULL);
	jp2.defaults(parameters);
	if (!jp2.setup(file.codec, parameters))
		return failed(answer, AKIN_DAMAGED, "it cannot begin");
	jp2.on_read(file.stream, read_bytes);
	jp2.on_skip(file.stream, skip_bytes);
	jp2.on_seek(file.stream, seek_bytes);
	jp2.user_data(file.stream, &file, NULL);
	jp2.length(file.stream, size);
	if (!jp2.header(file.stream, file.codec, &file.image) || !file.image)
		return failed(answer, AKIN_DAMAGED, file.text[0] ? file.text : "bad header");
	const struct jp2_image *m = file.image;
	int64_t width = (int64_t)m->x1 - m->x0, height = (int64_t)m->y1 - m->y0;
	if (width <= 0 || height <= 0 || width > INT32_MAX || height > INT32_MAX)
		return failed(answer, AKIN_DAMAGED, "bad size");
	answer->width = width;
	answer->height = height;
	answer->planes = m->components < 1000 ? m->components : 1000;
	return 1;
}

// A sample in 8 bits: of more the upper ones, as everywhere; fewer are stretched.
static int sample(const struct jp2_component *c, uint32_t x, uint32_t y)
{
	x = x / c->dx < c->width ? x / c->dx : c->width - 1;
	y = y / c->dy < c->height ? y / c->dy : c->height - 1;
	int64_t v = c->samples[(size_t)y * c->width + x], most = ((int64_t)1 << c->bits) - 1;
	if (c->is_signed)
		v += (int64_t)1 << (c->bits - 1);
	v = v < 0 ? 0 : v > most ? most : v;
	return c->bits >= 8 ? v >> (c->bits - 8) : v * 255 / most;
}

static uint8_t byte(double v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)(v + 0.5); }

int akin_jp2_draw(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer)
{
	struct jp2_image *m = file.image;
	if (!m || width != (int64_t)m->x1 - m->x0 || height != (int64_t)m->y1 - m->y0)
		return failed(answer, AKIN_DAMAGED, "another size");
	if (!jp2.decode(file.codec, file.stream, m) || !jp2.end(file.codec, file.stream))
		return failed(answer, AKIN_DAMAGED, file.text[0] ? file.text : "bad data");
	// The colours, and the first alpha. Components beyond four may be anything.
	const struct jp2_component *colour[4], *see = NULL;
	int colours = 0, want = m->colours == JP2_GREY ? 1 : m->colours == JP2_CMYK ? 4 : 3;
	for (uint32_t i = 0; i < m->components; i++) {
		const struct jp2_component *c = &m->component[i];
		if (c->alpha) {
			if (!see)
				see = c;
		} else if (colours < 4)
			colour[colours++] = c;
	}
	if (m->colours <= 0) // a codestream alone says nothing
		want = colours < 3 ? 1 : 3;
	if (!see && colours == want + 1) // not called alpha, but what else: so takes it Pillow
		see = colour[want];
	if (m->colours == JP2_EYCC)
		return failed(answer, AKIN_LACKS, "e-YCC colours are not supported");
	if (colours < want)
		return failed(answer, AKIN_DAMAGED, "colours are missing");
	colour[3] = want == 4 ? colour[3] : see;
	for (int i = 0; i < 4; i++) {
		const struct jp2_component *c = i < want || i == 3 ? colour[i] : NULL;
		if (c && (!c->samples || !c->width || !c->height || !c->dx || !c->dy || !c->bits || c->bits > 31))
			return failed(answer, AKIN_DAMAGED, "a component without samples");
	}
	*transparent = see != NULL && want != 4;
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++, rgb += 3) {
			int v[4] = {0};
			for (int i = 0; i < want; i++)
				v[i] = sample(colour[i], x, y);
			if (m->colours == JP2_YCC && want == 3) {
				double cb = v[1] - 128, cr = v[2] - 128;
				rgb[0] = byte(v[0] + 1.402 * cr);
				rgb[1] = byte(v[0] - 0.344136 * cb - 0.714136 * cr);
				rgb[2] = byte(v[0] + 1.772 * cb);
			} else if (want == 4) {
				for (int i = 0; i < 3; i++) {
					int light = 255 - v[3], t = v[i] * light + 128, c = light - (((t >> 8) + t) >> 8);
					rgb[i] = c < 0 ? 0 : c;
				}
			} else
				for (int i = 0; i < 3; i++)
					rgb[i] = v[want == 1 ? 0 : i];
			if (*transparent)
				*alpha++ = sample(see, x, y);
		}
	return 1;
}

void akin_jp2_close(void)
{
	if (file.image)
		jp2.image_destroy(file.image);
	if (file.stream)
		jp2.stream_destroy(file.stream);
	if (file.codec)
		jp2.destroy(file.codec);
	memset(&file, 0, sizeof file);
}

//go:build cgo && (linux || darwin)

// libjxl

#include "system.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jxl_info { // JxlBasicInfo since 0.7
	int32_t have_container;
	uint32_t width, height, bits, exponent_bits;
	float intensity_target, min_nits;
	int32_t relative_to_max_display;
	float linear_below;
	int32_t uses_original_profile, have_preview, have_animation, orientation;
	uint32_t colours, extra_channels, alpha_bits, alpha_exponent_bits;
	int32_t alpha_premultiplied;
	uint32_t preview[2], animation[4], intrinsic[2];
	uint8_t padding[512]; // what later versions add
};

struct jxl_format { // JxlPixelFormat
	uint32_t channels;
	int type, endianness;
	size_t align;
};

enum { JXL_UINT8 = 2, JXL_UINT16 = 3 };
enum { JXL_SUCCESS, JXL_ERROR, JXL_MORE_INPUT, JXL_WANTS_BUFFER = 5, JXL_BOX_IS_LONGER = 7, JXL_BASIC_INFO = 0x40, JXL_COLOUR = 0x100, JXL_IMAGE = 0x1000, JXL_BOX = 0x4000 };
#define JXL_BLACK 4 // JXL_CHANNEL_BLACK

static struct {
	uint32_t (*version)(void);
	void *(*create)(const void *);
	void (*destroy)(void *);
	int (*subscribe)(void *, int);
	int (*input)(void *, const uint8_t *, size_t);
	void (*close_input)(void *);
	int (*process)(void *);
	int (*info)(const void *, struct jxl_info *);
	int (*extra)(const void *, size_t, void *);
	int (*buffer_size)(const void *, const struct jxl_format *, size_t *);
	int (*buffer)(void *, const struct jxl_format *, void *, size_t);
	int (*profile)(void *, const void *);
	void (*srgb)(void *, int);
	int (*unpack_boxes)(void *, int);
	int (*box_type)(void *, char *, int);
	int (*box_buffer)(void *, uint8_t *, size_t);
	size_t (*box_release)(void *);
	int (*unpremultiply)(void *, int); // since 0.8
} jxl;

static void *decoder;
static struct jxl_info info;

int akin_jxl_open(const char *name, char *text)
{
	void *so = akin_library(name, text);
	if (!so)
		return 0;
#define NEED(field, name)                                             \
	if (!akin_symbol(so, name, (void **)&jxl.field, text)) \
		return 0;
	NEED(version, "JxlDecoderVersion")
	NEED(create, "JxlDecoderCreate")
	NEED(destroy, "JxlDecoderDestroy")
	NEED(subscribe, "JxlDecoderSubscribeEvents")
	NEED(input, "JxlDecoderSetInput")
	NEED(close_input, "JxlDecoderCloseInput")
	NEED(process, "JxlDecoderProcessInput")
	NEED(info, "JxlDecoderGetBasicInfo")
	NEED(extra, "JxlDecoderGetExtraChannelInfo")
	NEED(buffer_size, "JxlDecoderImageOutBufferSize")
	NEED(buffer, "JxlDecoderSetImageOutBuffer")
	NEED(profile, "JxlDecoderSetPreferredColorProfile")
	NEED(srgb, "JxlColorEncodingSetToSRGB")
	NEED(unpack_boxes, "JxlDecoderSetDecompressBoxes")
	NEED(box_type, "JxlDecoderGetBoxType")
	NEED(box_buffer, "JxlDecoderSetBoxBuffer")
	NEED(box_release, "JxlDecoderReleaseBoxBuffer")
#undef NEED
	*(void **)&jxl.unpremultiply = dlsym(so, "JxlDecoderSetUnpremultiplyAlpha");
	if (jxl.version() < 7000) {
		snprintf(text, AKIN_TEXT, "%s is older than version 0.7", name);
		return 0;
	}
	return 1;
}

void akin_jxl_version(char *text, size_t size)
{
	uint32_t v = jxl.version();
	snprintf(text, size, "%u.%u.%u", v / 1000000, v / 1000 % 1000, v % 1000);
}

static int failed(struct akin_answer *answer, uint32_t failure, const char *text)
{
	answer->failure = failure;
	snprintf(answer->text, AKIN_TEXT, "%s", text);
	return 0;
}

// The file must stay until akin_jxl_close.
int akin_jxl_read(const uint8_t *data, size_t size, struct akin_answer *answer)
{
	decoder = jxl.create(NULL);
	if (!decoder || jxl.subscribe(decoder, JXL_BASIC_INFO | JXL_COLOUR | JXL_IMAGE) || jxl.input(decoder, data, size))
		return failed(answer, AKIN_MEMORY, "it cannot begin");
	jxl.close_input(decoder);
	int status = jxl.process(decoder);
	if (status != JXL_BASIC_INFO || jxl.info(decoder, &info))
		return failed(answer, AKIN_DAMAGED, status == JXL_MORE_INPUT ? AKIN_TRUNCATED : "bad header");
	if (info.width > INT32_MAX || info.height > INT32_MAX)
		return failed(answer, AKIN_DAMAGED, "bad size");
	answer->width = info.width;
	answer->height = info.height;
	for (uint32_t i = 0; i < info.extra_channels; i++) {
		int extra[64] = {0}; // JxlExtraChannelInfo, which begins with the type
		if (jxl.extra(decoder, i, extra) == 0 && extra[0] == JXL_BLACK)
			return failed(answer, AKIN_LACKS, "CMYK colours are not supported");
	}
	return 1;
}

// The block of EXIF, which is the caller's to free, and its size; NULL where there is none. It may be packed.
uint8_t *akin_jxl_exif(const uint8_t *data, size_t size, size_t *length)
{
	enum { MOST = 16 << 20 };
	uint8_t *block = NULL;
	size_t room = 64 << 10;
	void *boxes = jxl.create(NULL);
	*length = 0;
	if (!boxes || jxl.subscribe(boxes, JXL_BOX) || jxl.unpack_boxes(boxes, 1) || jxl.input(boxes, data, size))
		goto out;
	jxl.close_input(boxes);
	for (;;) {
		char type[4] = "";
		int status = jxl.process(boxes);
		if (block && status == JXL_BOX_IS_LONGER && room < MOST) {
			size_t used = room - jxl.box_release(boxes);
			uint8_t *larger = realloc(block, room *= 2);
			if (!larger || jxl.box_buffer(boxes, larger + used, room - used)) {
				free(larger ? larger : block);
				block = NULL;
				break;
			}
			block = larger;
			continue;
		}
		if (block) { // the next box, or the end
			*length = room - jxl.box_release(boxes);
			if (status == JXL_ERROR || status == JXL_BOX_IS_LONGER) {
				free(block);
				block = NULL;
			}
			break;
		}
		if (status != JXL_BOX)
			break;
		if (jxl.box_type(boxes, type, 1) == 0 && memcmp(type, "Exif", 4) == 0) {
			block = malloc(room);
			if (!block || jxl.box_buffer(boxes, block, room)) {
				free(block);
				block = NULL;
				break;
			}
		}
	}
out:
	if (boxes)
		jxl.destroy(boxes);
	return block;
}

int akin_jxl_draw(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer)
{
	int has_alpha = info.alpha_bits > 0, wide = info.bits > 8;
	struct jxl_format format = {(info.colours == 1 ? 1 : 3) + has_alpha, wide ? JXL_UINT16 : JXL_UINT8, 0, 0};
	size_t pixels = (size_t)width * height, want = pixels * format.channels << wide, size = 0;
	if (!decoder || (uint32_t)width != info.width || (uint32_t)height != info.height)
		return failed(answer, AKIN_DAMAGED, "another size");
	uint8_t *out = NULL;
	for (int done = 0; !done;) {
		int status = jxl.process(decoder);
		switch (status) {
		case JXL_COLOUR:
			if (!info.uses_original_profile) { // what is in XYB can have the colours that everybody expects
				double srgb[64] = {0}; // JxlColorEncoding
				jxl.srgb(srgb, info.colours == 1);
				jxl.profile(decoder, srgb);
			}
			if (has_alpha && info.alpha_premultiplied && jxl.unpremultiply)
				jxl.unpremultiply(decoder, 1);
			break;
		case JXL_WANTS_BUFFER:
			if (out || jxl.buffer_size(decoder, &format, &size) || size != want) {
				free(out);
				return failed(answer, AKIN_DAMAGED, "its pixels have another size");
			}
			out = malloc(size);
			if (!out || jxl.buffer(decoder, &format, out, size)) {
				free(out);
				return failed(answer, AKIN_MEMORY, "no memory for its pixels");
			}
			break;
		case JXL_IMAGE: // of an animation the first
			done = 1;
			break;
		default:
			free(out);
			return failed(answer, AKIN_DAMAGED, status == JXL_MORE_INPUT ? AKIN_TRUNCATED : "bad data");
		}
	}
	if (!out)
		return failed(answer, AKIN_DAMAGED, "it has no pixels");
	*transparent = has_alpha;
	for (size_t i = 0; i < pixels; i++) {
		uint8_t value[4];
		for (uint32_t c = 0; c < format.channels; c++)
			value[c] = wide ? ((uint16_t *)out)[i * format.channels + c] >> 8 : out[i * format.channels + c];
		for (int c = 0; c < 3; c++)
			rgb[3 * i + c] = value[info.colours == 1 ? 0 : c];
		if (has_alpha)
			alpha[i] = value[format.channels - 1];
	}
	free(out);
	return 1;
}

void akin_jxl_close(void)
{
	if (decoder)
		jxl.destroy(decoder);
	decoder = NULL;
}

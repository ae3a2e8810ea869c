//go:build cgo && (linux || darwin)

#include "system.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *akin_library(const char *name, char *text)
{
	text[0] = 0;
	void *lib = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		snprintf(text, AKIN_TEXT, "%s", dlerror());
	return lib;
}

int akin_symbol(void *lib, const char *name, void **to, char *text)
{
	*to = dlsym(lib, name);
	if (!*to)
		snprintf(text, AKIN_TEXT, "the library has no %s", name);
	return *to != NULL;
}

// libjpeg-turbo

#define ABI 62
#define NAME(x) akin_jpeg62_##x
#include "libjpeg_abi.h"
#undef ABI
#undef NAME
#define ABI 80
#define NAME(x) akin_jpeg80_##x
#include "libjpeg_abi.h"
#undef ABI
#undef NAME

int akin_jpeg_open(struct akin_jpeg *lib, const char *name, char *text)
{
	void *so = akin_library(name, text), *turbo;
	if (!so)
		return 0;
	// Only libjpeg-turbo has jpeg_crop_scanline; IJG's later libraries scale
	// chroma in another way.
	if (!akin_symbol(so, "jpeg_crop_scanline", &turbo, text) || !akin_symbol(so, "jpeg_std_error", &lib->std_error, text) ||
	    !akin_symbol(so, "jpeg_CreateDecompress", &lib->create, text) ||
	    !akin_symbol(so, "jpeg_destroy_decompress", &lib->destroy, text) ||
	    !akin_symbol(so, "jpeg_read_header", &lib->read_header, text) ||
	    !akin_symbol(so, "jpeg_start_decompress", &lib->start, text) ||
	    !akin_symbol(so, "jpeg_read_scanlines", &lib->read_scanlines, text) ||
	    !akin_symbol(so, "jpeg_finish_decompress", &lib->finish, text) ||
	    !akin_symbol(so, "jpeg_resync_to_restart", &lib->resync, text))
		return 0;
	lib->abi = 62;
	if (akin_jpeg62_probe(lib, text))
		return 1;
	lib->abi = 80;
	return akin_jpeg80_probe(lib, text);
}

int akin_jpeg_decode(const struct akin_jpeg *lib, const uint8_t *data, size_t size, uint8_t *out, unsigned width,
		     unsigned height, unsigned scale, const int32_t *stop, char *text)
{
	if (lib->abi == 62)
		return akin_jpeg62_decode(lib, data, size, out, width, height, scale, stop, text);
	return akin_jpeg80_decode(lib, data, size, out, width, height, scale, stop, text);
}

// libheif

struct heif_error {
	int code, subcode;
	const char *message;
};

static struct {
	const char *(*version)(void);
	struct heif_error (*init)(void *); // since 1.13
	int (*have_decoder)(int);
	void *(*context_alloc)(void);
	void (*context_free)(void *);
	struct heif_error (*read)(void *, const void *, size_t, const void *);
	struct heif_error (*primary)(void *, void **);
	void (*limit)(void *, int);
	int (*handle_width)(void *), (*handle_height)(void *);
	void (*handle_release)(void *);
	struct heif_error (*decode)(void *, void **, int, int, const void *);
	int (*width)(void *, int), (*height)(void *, int), (*depth)(void *, int);
	const uint8_t *(*plane)(void *, int, int *);
	void (*release)(void *);
	int (*metadata_ids)(void *, const char *, uint32_t *, int);
	size_t (*metadata_size)(void *, uint32_t);
	struct heif_error (*metadata)(void *, uint32_t, void *);
} heif;

int akin_heif_open(const char *name, char *text)
{
	void *so = akin_library(name, text);
	if (!so)
		return 0;
#define NEED(field, name)                                          \
	if (!akin_symbol(so, name, (void **)&heif.field, text)) \
		return 0;
	NEED(version, "heif_get_version")
	NEED(have_decoder, "heif_have_decoder_for_format")
	NEED(context_alloc, "heif_context_alloc")
	NEED(context_free, "heif_context_free")
	NEED(read, "heif_context_read_from_memory")
	NEED(primary, "heif_context_get_primary_image_handle")
	NEED(limit, "heif_context_set_maximum_image_size_limit")
	NEED(handle_width, "heif_image_handle_get_width")
	NEED(handle_height, "heif_image_handle_get_height")
	NEED(handle_release, "heif_image_handle_release")
	NEED(decode, "heif_decode_image")
	NEED(width, "heif_image_get_width")
	NEED(height, "heif_image_get_height")
	NEED(depth, "heif_image_get_bits_per_pixel_range")
	NEED(plane, "heif_image_get_plane_readonly")
	NEED(release, "heif_image_release")
	NEED(metadata_ids, "heif_image_handle_get_list_of_metadata_block_IDs")
	NEED(metadata_size, "heif_image_handle_get_metadata_size")
	NEED(metadata, "heif_image_handle_get_metadata")
#undef NEED
	*(void **)&heif.init = dlsym(so, "heif_init");
	if (heif.init)
		heif.init(NULL);
	return 1;
}

int akin_heif_have(int compression) { return heif.have_decoder(compression); }
const char *akin_heif_version(void) { return heif.version(); }

static int heif_failed(struct heif_error e, struct akin_answer *answer)
{
	if (!e.code)
		return 0;
	snprintf(answer->text, AKIN_TEXT, "%s", e.message ? e.message : "unknown error");
	switch (e.code) {
	case 3: // heif_error_Unsupported_filetype
	case 4: // heif_error_Unsupported_feature
	case 11: // heif_error_Plugin_loading_error
		answer->failure = AKIN_LACKS;
		break;
	case 6: // heif_error_Memory_allocation_error
		answer->failure = AKIN_MEMORY;
		break;
	default:
		answer->failure = AKIN_DAMAGED;
	}
	return 1;
}

int akin_heif_read(struct akin_heif *h, const uint8_t *data, size_t size, struct akin_answer *answer)
{
	h->context = heif.context_alloc();
	if (!h->context || heif_failed(heif.read(h->context, data, size, NULL), answer) ||
	    heif_failed(heif.primary(h->context, &h->handle), answer))
		return 0;
	answer->width = heif.handle_width(h->handle);
	answer->height = heif.handle_height(h->handle);
	return 1;
}

int akin_heif_decode(struct akin_heif *h, int space, int chroma, struct akin_answer *answer)
{
	if (h->image)
		heif.release(h->image);
	h->image = NULL;
	int width = heif.handle_width(h->handle), height = heif.handle_height(h->handle);
	// The limit counts what is coded, which is padded, and is itself too large.
	heif.limit(h->context, (width > height ? width : height) + 1024);
	if (heif_failed(heif.decode(h->handle, &h->image, space, chroma, NULL), answer))
		return 0;
	for (int channel = 0; channel <= 6 && answer->planes < 4; channel++) { // Y, Cb, Cr, R, G, B, alpha
		struct akin_plane *p = &answer->plane[answer->planes];
		int stride;
		if (!heif.plane(h->image, channel, &stride))
			continue;
		p->channel = channel;
		p->width = heif.width(h->image, channel);
		p->height = heif.height(h->image, channel);
		p->bits = heif.depth(h->image, channel);
		int bytes = p->width * (p->bits > 8 ? 2 : 1);
		if (p->width <= 0 || p->height <= 0 || p->bits <= 0 || p->bits > 16 || stride < bytes) {
			snprintf(answer->text, AKIN_TEXT, "a plane of %d x %d with %d bits", p->width, p->height, p->bits);
			return 0;
		}
		answer->planes++;
	}
	return 1;
}

const uint8_t *akin_heif_plane(struct akin_heif *h, int channel, int *stride)
{
	return heif.plane(h->image, channel, stride);
}

size_t akin_heif_exif(struct akin_heif *h, uint8_t *out, size_t size)
{
	uint32_t id;
	if (heif.metadata_ids(h->handle, "Exif", &id, 1) < 1)
		return 0;
	size_t whole = heif.metadata_size(h->handle, id);
	if (out && (whole != size || heif.metadata(h->handle, id, out).code))
		return 0;
	return whole;
}

void akin_heif_close(struct akin_heif *h)
{
	if (h->image)
		heif.release(h->image);
	h->image = NULL;
	if (h->handle)
		heif.handle_release(h->handle);
	h->handle = NULL;
	if (h->context)
		heif.context_free(h->context);
	h->context = NULL;
}

// librsvg and cairo

struct g_error {
	uint32_t domain;
	int code;
	char *message;
};

struct rsvg_length {
	double length;
	int unit;
};

struct rectangle {
	double x, y, width, height;
};

static struct {
	void *(*new_from_data)(const uint8_t *, size_t, struct g_error **);
	int (*size_in_pixels)(void *, double *, double *); // since 2.52
	void (*dimensions)(void *, int *, struct rsvg_length *, int *, struct rsvg_length *, int *, struct rectangle *);
	int (*render)(void *, void *, const struct rectangle *, struct g_error **);
	void (*unref)(void *);
	void (*error_free)(struct g_error *);
	void *(*surface)(int, int, int);
	int (*surface_status)(void *);
	void (*surface_flush)(void *);
	uint8_t *(*surface_data)(void *);
	int (*surface_stride)(void *);
	void (*surface_destroy)(void *);
	void *(*create)(void *);
	int (*status)(void *);
	void (*destroy)(void *);
	void (*set_rgb)(void *, double, double, double);
	void (*paint)(void *);
} svg;

int akin_svg_open(const char *rsvg, const char *cairo, char *text)
{
	void *so = akin_library(rsvg, text), *co;
	if (!so || !(co = akin_library(cairo, text)))
		return 0;
#define NEED(lib, field, name)                                    \
	if (!akin_symbol(lib, name, (void **)&svg.field, text)) \
		return 0;
	NEED(so, new_from_data, "rsvg_handle_new_from_data")
	NEED(so, size_in_pixels, "rsvg_handle_get_intrinsic_size_in_pixels")
	NEED(so, dimensions, "rsvg_handle_get_intrinsic_dimensions")
	NEED(so, render, "rsvg_handle_render_document")
	NEED(so, unref, "g_object_unref") // dlsym looks into what librsvg links to, too
	NEED(so, error_free, "g_error_free")
	NEED(co, surface, "cairo_image_surface_create")
	NEED(co, surface_status, "cairo_surface_status")
	NEED(co, surface_flush, "cairo_surface_flush")
	NEED(co, surface_data, "cairo_image_surface_get_data")
	NEED(co, surface_stride, "cairo_image_surface_get_stride")
	NEED(co, surface_destroy, "cairo_surface_destroy")
	NEED(co, create, "cairo_create")
	NEED(co, status, "cairo_status")
	NEED(co, destroy, "cairo_destroy")
	NEED(co, set_rgb, "cairo_set_source_rgb")
	NEED(co, paint, "cairo_paint")
#undef NEED
	return 1;
}

static int svg_failed(struct g_error *e, char *text)
{
	if (!e)
		return 0;
	snprintf(text, AKIN_TEXT, "%s", e->message);
	svg.error_free(e);
	return 1;
}

int akin_svg_read(void **handle, const uint8_t *data, size_t size, double *width, double *height, char *text)
{
	struct g_error *e = NULL;
	text[0] = 0;
	*handle = svg.new_from_data(data, size, &e);
	if (svg_failed(e, text) || !*handle)
		return 0;
	*width = *height = 0;
	if (!svg.size_in_pixels(*handle, width, height)) {
		int has_width, has_height, has_box;
		struct rsvg_length w, h;
		struct rectangle box;
		*width = *height = 0;
		svg.dimensions(*handle, &has_width, &w, &has_height, &h, &has_box, &box);
		if (has_box) {
			*width = box.width;
			*height = box.height;
		}
	}
	return 1;
}

// svg_paint draws on a surface of its own: over white, or on nothing with alpha.
static void *svg_paint(void *handle, int width, int height, int white, struct akin_answer *answer)
{
	struct g_error *e = NULL;
	struct rectangle all = {0, 0, width, height};
	void *surface = svg.surface(white ? 1 : 0, width, height); // CAIRO_FORMAT_RGB24, CAIRO_FORMAT_ARGB32
	void *cr = svg.create(surface);
	int status = svg.surface_status(surface), ok = status == 0;
	if (!ok)
		snprintf(answer->text, AKIN_TEXT, "cairo cannot make a surface of %d x %d", width, height);
	if (ok) {
		if (white) {
			svg.set_rgb(cr, 1, 1, 1);
			svg.paint(cr);
		}
		ok = svg.render(handle, cr, &all, &e);
		if (svg_failed(e, answer->text)) {
			ok = 0;
			if (strstr(answer->text, "NoMemory")) // cairo's status, as librsvg writes it
				answer->failure = AKIN_MEMORY;
		}
		if ((status = svg.status(cr)))
			ok = 0;
	}
	if (status == 1) // CAIRO_STATUS_NO_MEMORY
		answer->failure = AKIN_MEMORY;
	svg.destroy(cr);
	if (ok) {
		svg.surface_flush(surface);
		return surface;
	}
	svg.surface_destroy(surface);
	return NULL;
}

static const uint32_t *svg_row(void *surface, int y)
{
	return (const uint32_t *)(svg.surface_data(surface) + (size_t)y * svg.surface_stride(surface));
}

int akin_svg_draw(void *handle, int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent,
		  struct akin_answer *answer)
{
	// What is drawn on nothing and then put on white differs from what is drawn on white where
	// a drawing blends with what is under it, and by the last bit where layers meet: so it is drawn twice.
	void *surface = svg_paint(handle, width, height, 0, answer);
	if (!surface)
		return 0;
	uint32_t all = 0xffffffff;
	for (int y = 0; y < height; y++) {
		const uint32_t *row = svg_row(surface, y);
		for (int x = 0; x < width; x++)
			all &= row[x];
	}
	if ((*transparent = all >> 24 != 255)) {
		for (int y = 0; y < height; y++) {
			const uint32_t *row = svg_row(surface, y);
			for (int x = 0; x < width; x++)
				*alpha++ = row[x] >> 24;
		}
		svg.surface_destroy(surface);
		if (!(surface = svg_paint(handle, width, height, 1, answer)))
			return 0;
	}
	for (int y = 0; y < height; y++) {
		const uint32_t *row = svg_row(surface, y);
		for (int x = 0; x < width; x++, rgb += 3) {
			rgb[0] = row[x] >> 16;
			rgb[1] = row[x] >> 8;
			rgb[2] = row[x];
		}
	}
	svg.surface_destroy(surface);
	return 1;
}

void akin_svg_close(void *handle)
{
	if (handle)
		svg.unref(handle);
}

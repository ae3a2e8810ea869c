//go:build cgo && (linux || darwin)

#include "system.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *library(const char *name, char *text)
{
	text[0] = 0;
	void *lib = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		snprintf(text, AKIN_TEXT, "%s", dlerror());
	return lib;
}

static int symbol(void *lib, const char *name, void **to, char *text)
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
	void *so = library(name, text), *turbo;
	if (!so)
		return 0;
	// Only libjpeg-turbo has jpeg_crop_scanline; IJG's later libraries scale
	// chroma in another way.
	if (!symbol(so, "jpeg_crop_scanline", &turbo, text) || !symbol(so, "jpeg_std_error", &lib->std_error, text) ||
	    !symbol(so, "jpeg_CreateDecompress", &lib->create, text) ||
	    !symbol(so, "jpeg_destroy_decompress", &lib->destroy, text) ||
	    !symbol(so, "jpeg_read_header", &lib->read_header, text) ||
	    !symbol(so, "jpeg_start_decompress", &lib->start, text) ||
	    !symbol(so, "jpeg_read_scanlines", &lib->read_scanlines, text) ||
	    !symbol(so, "jpeg_finish_decompress", &lib->finish, text) ||
	    !symbol(so, "jpeg_resync_to_restart", &lib->resync, text))
		return 0;
	lib->abi = 62;
	if (akin_jpeg62_probe(lib, text))
		return 1;
	lib->abi = 80;
	return akin_jpeg80_probe(lib, text);
}

int akin_jpeg_decode(const struct akin_jpeg *lib, const uint8_t *data, size_t size, uint8_t *out, unsigned width,
		     unsigned height, const int32_t *stop, char *text)
{
	if (lib->abi == 62)
		return akin_jpeg62_decode(lib, data, size, out, width, height, stop, text);
	return akin_jpeg80_decode(lib, data, size, out, width, height, stop, text);
}

// libheif

struct heif_error {
	int code, subcode;
	const char *message;
};

// The start of heif_color_profile_nclx, which later versions only lengthen.
struct heif_nclx {
	uint8_t version;
	int primaries, transfer, matrix;
	uint8_t full_range;
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
	int (*colorspace)(void *);
	int (*width)(void *, int), (*height)(void *, int), (*depth)(void *, int);
	const uint8_t *(*plane)(void *, int, int *);
	void (*release)(void *);
	struct heif_error (*handle_nclx)(void *, struct heif_nclx **);
	struct heif_error (*image_nclx)(void *, struct heif_nclx **); // since 1.5
	void (*nclx_free)(struct heif_nclx *);
	int (*metadata_ids)(void *, const char *, uint32_t *, int);
	size_t (*metadata_size)(void *, uint32_t);
	struct heif_error (*metadata)(void *, uint32_t, void *);
} heif;

int akin_heif_open(const char *name, char *text)
{
	void *so = library(name, text);
	if (!so)
		return 0;
#define NEED(field, name)                                          \
	if (!symbol(so, name, (void **)&heif.field, text)) \
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
	NEED(colorspace, "heif_image_get_colorspace")
	NEED(width, "heif_image_get_width")
	NEED(height, "heif_image_get_height")
	NEED(depth, "heif_image_get_bits_per_pixel_range")
	NEED(plane, "heif_image_get_plane_readonly")
	NEED(release, "heif_image_release")
	NEED(handle_nclx, "heif_image_handle_get_nclx_color_profile")
	NEED(nclx_free, "heif_nclx_color_profile_free")
	NEED(metadata_ids, "heif_image_handle_get_list_of_metadata_block_IDs")
	NEED(metadata_size, "heif_image_handle_get_metadata_size")
	NEED(metadata, "heif_image_handle_get_metadata")
#undef NEED
	*(void **)&heif.image_nclx = dlsym(so, "heif_image_get_nclx_color_profile");
	*(void **)&heif.init = dlsym(so, "heif_init");
	if (heif.init)
		heif.init(NULL);
	return 1;
}

int akin_heif_have(int compression) { return heif.have_decoder(compression); }
const char *akin_heif_version(void) { return heif.version(); }

static int heif_failed(struct heif_error e, char *text)
{
	if (e.code)
		snprintf(text, AKIN_TEXT, "%s", e.message ? e.message : "unknown error");
	return e.code != 0;
}

int akin_heif_read(struct akin_heif *h, const uint8_t *data, size_t size, char *text)
{
	text[0] = 0;
	h->context = heif.context_alloc();
	if (!h->context)
		return 0;
	if (heif_failed(heif.read(h->context, data, size, NULL), text) ||
	    heif_failed(heif.primary(h->context, &h->handle), text))
		return 0;
	h->width = heif.handle_width(h->handle);
	h->height = heif.handle_height(h->handle);
	return 1;
}

int akin_heif_decode(struct akin_heif *h, int space, int chroma, char *text)
{
	text[0] = 0;
	if (h->image)
		heif.release(h->image);
	h->image = NULL;
	// The limit counts what is coded, which is padded, and is itself too large.
	heif.limit(h->context, (h->width > h->height ? h->width : h->height) + 1024);
	if (heif_failed(heif.decode(h->handle, &h->image, space, chroma, NULL), text))
		return 0;
	h->planes = 0;
	h->matrix = 2;
	h->full_range = 1;
	if (space == 1) {
		h->plane_width[0] = heif.width(h->image, 10);
		h->plane_height[0] = heif.height(h->image, 10);
		return 1;
	}
	struct heif_nclx *nclx = NULL;
	if (heif.handle_nclx(h->handle, &nclx).code)
		if (!heif.image_nclx || heif.image_nclx(h->image, &nclx).code)
			nclx = NULL;
	if (nclx) {
		h->matrix = nclx->matrix;
		h->full_range = nclx->full_range;
		heif.nclx_free(nclx);
	}
	int planes = space == 0 ? 3 : 1;
	if (heif.colorspace(h->image) != space)
		planes = 0;
	for (int i = 0; i < planes; i++) {
		if (heif.depth(h->image, i) != 8)
			return 1; // planes stays 0
		h->plane_width[i] = heif.width(h->image, i);
		h->plane_height[i] = heif.height(h->image, i);
	}
	h->planes = planes;
	return 1;
}

// plane is 0 to 2 for Y, Cb and Cr, or 10 for interleaved RGB.
void akin_heif_plane(struct akin_heif *h, int plane, uint8_t *out)
{
	int stride, slot = plane == 10 ? 0 : plane, bytes = h->plane_width[slot] * (plane == 10 ? 3 : 1);
	const uint8_t *in = heif.plane(h->image, plane, &stride);
	for (int y = 0; in && y < h->plane_height[slot]; y++)
		memcpy(out + (size_t)y * bytes, in + (size_t)y * stride, bytes);
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
	void *so = library(rsvg, text), *co;
	if (!so || !(co = library(cairo, text)))
		return 0;
#define NEED(lib, field, name)                                    \
	if (!symbol(lib, name, (void **)&svg.field, text)) \
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

int akin_svg_draw(void *handle, int width, int height, uint8_t *out, char *text)
{
	struct g_error *e = NULL;
	struct rectangle all = {0, 0, width, height};
	text[0] = 0;
	void *surface = svg.surface(1, width, height); // CAIRO_FORMAT_RGB24
	void *cr = svg.create(surface);
	int ok = svg.surface_status(surface) == 0;
	if (!ok)
		snprintf(text, AKIN_TEXT, "cairo cannot make a surface of %d x %d", width, height);
	if (ok) {
		svg.set_rgb(cr, 1, 1, 1);
		svg.paint(cr);
		ok = svg.render(handle, cr, &all, &e);
		if (svg_failed(e, text))
			ok = 0;
		if (svg.status(cr))
			ok = 0;
	}
	if (ok) {
		svg.surface_flush(surface);
		const uint8_t *in = svg.surface_data(surface);
		int stride = svg.surface_stride(surface);
		for (int y = 0; y < height; y++) {
			const uint32_t *row = (const uint32_t *)(in + (size_t)y * stride);
			for (int x = 0; x < width; x++, out += 3) {
				out[0] = row[x] >> 16;
				out[1] = row[x] >> 8;
				out[2] = row[x];
			}
		}
	}
	svg.destroy(cr);
	svg.surface_destroy(surface);
	return ok;
}

void akin_svg_close(void *handle)
{
	if (handle)
		svg.unref(handle);
}

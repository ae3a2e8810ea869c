// The part of libjpeg's classic interface that decoding needs, written down
// here for one version of its binary interface: ABI is 62 or 80 and NAME(x)
// makes a name of its own. jpeg_CreateDecompress checks both the version and
// the size of the struct, so a library that differs is refused, not misread.

struct NAME(error_mgr) {
	void (*error_exit)(void *);
	void (*emit_message)(void *, int);
	void (*output_message)(void *);
	void (*format_message)(void *, char *);
	void (*reset_error_mgr)(void *);
	int msg_code;
	union {
		int i[8];
		char s[80];
	} msg_parm;
	int trace_level;
	long num_warnings;
	const char *const *jpeg_message_table;
	int last_jpeg_message;
	const char *const *addon_message_table;
	int first_addon_message, last_addon_message;
	// What follows is ours.
	jmp_buf escape;
	char *text;
};

struct NAME(source_mgr) {
	const uint8_t *next_input_byte;
	size_t bytes_in_buffer;
	void (*init_source)(void *);
	int (*fill_input_buffer)(void *);
	void (*skip_input_data)(void *, long);
	int (*resync_to_restart)(void *, int);
	void (*term_source)(void *);
};

struct NAME(progress_mgr) {
	void (*progress_monitor)(void *);
	long pass_counter, pass_limit;
	int completed_passes, total_passes;
	// What follows is ours.
	const int32_t *stop;
};

struct NAME(cinfo) {
	struct NAME(error_mgr) * err;
	void *mem;
	struct NAME(progress_mgr) * progress;
	void *client_data;
	int is_decompressor, global_state;
	struct NAME(source_mgr) * src;
	unsigned image_width, image_height;
	int num_components;
	int jpeg_color_space, out_color_space;
	unsigned scale_num, scale_denom;
	double output_gamma;
	int buffered_image, raw_data_out;
	int dct_method;
	int do_fancy_upsampling, do_block_smoothing;
	int quantize_colors, dither_mode, two_pass_quantize, desired_number_of_colors;
	int enable_1pass_quant, enable_external_quant, enable_2pass_quant;
	unsigned output_width, output_height;
	int out_color_components, output_components, rec_outbuf_height;
	int actual_number_of_colors;
	void *colormap;
	unsigned output_scanline;
	int input_scan_number;
	unsigned input_iMCU_row;
	int output_scan_number;
	unsigned output_iMCU_row;
	void *coef_bits;
	void *quant_tbl_ptrs[4], *dc_huff_tbl_ptrs[4], *ac_huff_tbl_ptrs[4];
	int data_precision;
	void *comp_info;
#if ABI >= 80
	int is_baseline;
#endif
	int progressive_mode, arith_code;
	uint8_t arith_dc_L[16], arith_dc_U[16], arith_ac_K[16];
	unsigned restart_interval;
	int saw_JFIF_marker;
	uint8_t JFIF_major_version, JFIF_minor_version, density_unit;
	uint16_t X_density, Y_density;
	int saw_Adobe_marker;
	uint8_t Adobe_transform;
	int CCIR601_sampling;
	void *marker_list;
	int max_h_samp_factor, max_v_samp_factor;
#if ABI >= 70
	int min_DCT_h_scaled_size, min_DCT_v_scaled_size;
#else
	int min_DCT_scaled_size;
#endif
	unsigned total_iMCU_rows;
	uint8_t *sample_range_limit;
	int comps_in_scan;
	void *cur_comp_info[4];
	unsigned MCUs_per_row, MCU_rows_in_scan;
	int blocks_in_MCU, MCU_membership[10];
	int Ss, Se, Ah, Al;
#if ABI >= 80
	int block_size;
	const int *natural_order;
	int lim_Se;
#endif
	int unread_marker;
	void *master, *main, *coef, *post, *inputctl, *marker, *entropy, *idct, *upsample, *cconvert, *cquantize;
};

static void NAME(error_exit)(void *p)
{
	struct NAME(cinfo) *c = p;
	if (c->err->text[0] == 0) {
		char text[256] = "";
		c->err->format_message(c, text);
		snprintf(c->err->text, AKIN_TEXT, "%s", text);
	}
	longjmp(c->err->escape, 1);
}

// What the library only warns of it goes on with, and so do Pillow, browsers and jpegfile.go: lost data
// come out grey. A file that ends early is no warning here, see fill_input_buffer.
static void NAME(emit_message)(void *p, int level)
{
	(void)p;
	(void)level;
}

static void NAME(ignore)(void *p) { (void)p; }

// The whole file is in memory: whoever asks for more has reached its end.
static int NAME(fill_input_buffer)(void *p)
{
	struct NAME(cinfo) *c = p;
	strcpy(c->err->text, AKIN_TRUNCATED);
	longjmp(c->err->escape, 1);
}

static void NAME(skip_input_data)(void *p, long n)
{
	struct NAME(cinfo) *c = p;
	if (n <= 0)
		return;
	if ((size_t)n > c->src->bytes_in_buffer)
		NAME(fill_input_buffer)(p);
	c->src->next_input_byte += n;
	c->src->bytes_in_buffer -= n;
}

static void NAME(monitor)(void *p)
{
	struct NAME(cinfo) *c = p;
	if (__atomic_load_n(c->progress->stop, __ATOMIC_RELAXED)) {
		strcpy(c->err->text, AKIN_STOPPED);
		longjmp(c->err->escape, 1);
	}
}

static int NAME(probe)(const struct akin_jpeg *lib, char *text)
{
	struct NAME(cinfo) c = {0};
	struct NAME(error_mgr) err = {0};
	text[0] = 0;
	c.err = (void *)((void *(*)(void *))lib->std_error)(&err);
	err.error_exit = NAME(error_exit);
	err.text = text;
	if (_setjmp(err.escape))
		return 0;
	((void (*)(void *, int, size_t))lib->create)(&c, ABI, sizeof c);
	((void (*)(void *))lib->destroy)(&c);
	return 1;
}

static int NAME(decode)(const struct akin_jpeg *lib, const uint8_t *data, size_t size, uint8_t *out, unsigned width,
			unsigned height, unsigned scale, const int32_t *stop, char *text)
{
	struct NAME(cinfo) c = {0};
	struct NAME(error_mgr) err = {0};
	struct NAME(progress_mgr) progress = {0};
	struct NAME(source_mgr) src = {0};
	uint8_t *volatile inks = NULL;
	volatile int complete = 0;
	uint8_t *rows[16];

	text[0] = 0;
	c.err = (void *)((void *(*)(void *))lib->std_error)(&err);
	err.error_exit = NAME(error_exit);
	err.emit_message = NAME(emit_message);
	err.output_message = NAME(ignore);
	err.text = text;
	progress.progress_monitor = NAME(monitor);
	progress.stop = stop;
	src.next_input_byte = data;
	src.bytes_in_buffer = size;
	src.init_source = NAME(ignore);
	src.fill_input_buffer = NAME(fill_input_buffer);
	src.skip_input_data = NAME(skip_input_data);
	src.resync_to_restart = (int (*)(void *, int))lib->resync;
	src.term_source = NAME(ignore);
	if (_setjmp(err.escape)) {
		((void (*)(void *))lib->destroy)(&c);
		free(inks);
		// Rows that are all there need no end marker.
		return complete && !strcmp(text, AKIN_TRUNCATED);
	}
	((void (*)(void *, int, size_t))lib->create)(&c, ABI, sizeof c);
	c.progress = &progress;
	c.src = &src;
	((int (*)(void *, int))lib->read_header)(&c, 1);
	if (c.image_width != width || c.image_height != height) {
		snprintf(text, AKIN_TEXT, "two frame headers that differ");
		longjmp(err.escape, 1);
	}
	c.scale_num = 1;
	c.scale_denom = scale;
	c.dct_method = 0; // ISLOW
	c.do_fancy_upsampling = 1;
	int cmyk = c.num_components == 4;
	c.out_color_space = cmyk ? 4 : 2; // JCS_CMYK : JCS_RGB
	((int (*)(void *))lib->start)(&c);
	width = (width + scale - 1) / scale;
	height = (height + scale - 1) / scale;
	if (c.output_width != width || c.output_height != height) {
		snprintf(text, AKIN_TEXT, "libjpeg makes %u x %u pixels of it, not %u x %u", c.output_width, c.output_height, width,
			 height);
		longjmp(err.escape, 1);
	}
	int (*read_scanlines)(void *, uint8_t **, unsigned) = (int (*)(void *, uint8_t **, unsigned))lib->read_scanlines;
	if (cmyk) {
		inks = malloc((size_t)width * 4);
		if (!inks) {
			snprintf(text, AKIN_TEXT, "out of memory");
			longjmp(err.escape, 1);
		}
		while (c.output_scanline < height) {
			uint8_t *dst = out + (size_t)c.output_scanline * width * 3, *row = inks;
			if (read_scanlines(&c, &row, 1) != 1)
				NAME(fill_input_buffer)(&c);
			// Adobe stores 255 for no ink, and everyone follows; the rest is
			// Pillow's conversion.
			for (unsigned x = 0; x < width; x++, row += 4)
				for (int i = 0; i < 3; i++) {
					int light = row[3], t = (255 - row[i]) * light + 128;
					int v = light - (((t >> 8) + t) >> 8);
					*dst++ = v < 0 ? 0 : v;
				}
		}
	} else {
		while (c.output_scanline < height) {
			unsigned n = height - c.output_scanline < 16 ? height - c.output_scanline : 16;
			for (unsigned i = 0; i < n; i++)
				rows[i] = out + (size_t)(c.output_scanline + i) * width * 3;
			if (read_scanlines(&c, rows, n) < 1)
				NAME(fill_input_buffer)(&c);
		}
	}
	complete = 1;
	((int (*)(void *))lib->finish)(&c);
	((void (*)(void *))lib->destroy)(&c);
	free(inks);
	return 1;
}

//go:build cgo && (linux || darwin)

#define _GNU_SOURCE
#include "child.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <elf.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#ifdef __APPLE__
#include <mach/mach.h>
#include <pthread.h>
#endif


enum { ASKS = 3, ANSWERS = 4 }; // file descriptors

static int take(void *to, size_t size)
{
	for (uint8_t *at = to; size;) {
		ssize_t n = read(ASKS, at, size < 1 << 30 ? size : 1 << 30);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		at += n;
		size -= n;
	}
	return 1;
}

static void give(const void *from, size_t size)
{
	for (const uint8_t *at = from; size;) {
		ssize_t n = write(ANSWERS, at, size < 1 << 30 ? size : 1 << 30);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0); // nobody listens any more
		at += n;
		size -= n;
	}
}

// What the process has of its own, in bytes: what RLIMIT_DATA counts.
static int statm = -1;

static uint64_t own_memory(void)
{
#ifdef __linux__
	char text[256];
	unsigned long long size, resident, shared, code, library, data;
	ssize_t n = statm < 0 ? -1 : pread(statm, text, sizeof text - 1, 0);
	if (n > 0) {
		text[n] = 0;
		if (sscanf(text, "%llu %llu %llu %llu %llu %llu", &size, &resident, &shared, &code, &library, &data) == 6)
			return data * (uint64_t)sysconf(_SC_PAGESIZE);
	}
	return 64 << 20;
#else
	struct mach_task_basic_info info;
	mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
	if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&info, &count) == KERN_SUCCESS)
		return info.resident_size;
	return 64 << 20;
#endif
}

#ifdef __APPLE__
// macOS does not hold a process to RLIMIT_DATA.
static volatile uint64_t most_memory = UINT64_MAX;

static void *watch_memory(void *unused)
{
	for (;; usleep(20000))
		if (own_memory() > most_memory) {
			static const char text[] = "failed to allocate: over the limit\n";
			(void)!write(2, text, sizeof text - 1);
			abort();
		}
	return unused;
}
#endif

static void bound(const struct akin_ask *ask)
{
#ifdef __linux__
	if (own_memory() > 128 << 20)
		malloc_trim(0);
#endif
	uint64_t memory = own_memory() + ask->memory;
	struct rlimit r;
#ifdef __APPLE__
	most_memory = memory;
#else
	getrlimit(RLIMIT_DATA, &r);
	r.rlim_cur = memory < r.rlim_max ? memory : r.rlim_max;
	setrlimit(RLIMIT_DATA, &r);
#endif
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	getrlimit(RLIMIT_CPU, &r);
	r.rlim_cur = used.ru_utime.tv_sec + used.ru_stime.tv_sec + 2 + ask->seconds;
	setrlimit(RLIMIT_CPU, &r);
}

// HEIF

static struct akin_heif heif;
static uint8_t *file; // libheif reads from it while the picture is open

static void heif_read(const struct akin_ask *ask, struct akin_answer *answer)
{
	uint8_t *exif = NULL;
	if (!akin_heif_read(&heif, file, ask->size, answer))
		answer->failure = answer->failure ? answer->failure : AKIN_DAMAGED;
	else {
		answer->exif = akin_heif_exif(&heif, NULL, 0);
		if (answer->exif > 16 << 20 || (answer->exif && !(exif = malloc(answer->exif))) ||
		    (exif && akin_heif_exif(&heif, exif, answer->exif) != answer->exif))
			answer->exif = 0;
	}
	give(answer, sizeof *answer);
	give(exif, answer->exif);
	free(exif);
}

static void heif_draw(const struct akin_ask *ask, struct akin_answer *answer)
{
	if (ask->across < 1 || ask->down < 1 || !heif.handle || !akin_heif_decode(&heif, ask->space, ask->chroma, answer))
		answer->failure = answer->failure ? answer->failure : AKIN_DAMAGED;
	struct akin_plane whole[4];
	memcpy(whole, answer->plane, sizeof whole);
	for (int i = 0; i < answer->planes; i++) {
		struct akin_plane *p = &answer->plane[i];
		if (p->channel == 3 || p->channel == 5) {
			p->width = (p->width + ask->across - 1) / ask->across;
			p->height = (p->height + ask->down - 1) / ask->down;
		}
	}
	give(answer, sizeof *answer);
	if (answer->failure)
		return;
	for (int i = 0; i < answer->planes; i++) {
		const struct akin_plane *p = &answer->plane[i];
		int wide = p->bits > 8, stride, down = p->height == whole[i].height ? 1 : ask->down;
		size_t bytes = (size_t)p->width << wide;
		const uint8_t *rows = akin_heif_plane(&heif, p->channel, &stride);
		if (p->width == whole[i].width) {
			if (down == 1 && (size_t)stride == bytes)
				give(rows, bytes * p->height);
			else
				for (int y = 0; y < p->height; y++)
					give(rows + (size_t)y * down * stride, bytes);
			continue;
		}
		static uint8_t *packed;
		static size_t had;
		if (had < bytes * p->height) {
			free(packed);
			packed = malloc(bytes * p->height);
			had = packed ? bytes * p->height : 0;
		}
		if (!packed)
			_exit(1);
		for (int y = 0; y < p->height; y++) {
			const uint8_t *row = rows + (size_t)y * down * stride;
			if (wide)
				for (int x = 0; x < p->width; x++)
					((uint16_t *)(packed + y * bytes))[x] = ((const uint16_t *)row)[x * ask->across];
			else
				for (int x = 0; x < p->width; x++)
					packed[y * bytes + x] = row[x * ask->across];
		}
		give(packed, bytes * p->height);
	}
}

static void heif_close(void) { akin_heif_close(&heif); }

static void heif_greet(struct akin_answer *hello)
{
	snprintf(hello->version, sizeof hello->version, "%s", akin_heif_version());
	hello->decodes = (akin_heif_have(1) ? 1 : 0) | (akin_heif_have(4) ? 2 : 0);
}

// Libraries that give a picture in colours and alpha

typedef int draws(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer);

static void draw(draws *library, const struct akin_ask *ask, struct akin_answer *answer)
{
	size_t pixels = (size_t)ask->width * ask->height;
	static uint8_t *rgb; // kept: fresh memory costs more than drawing a flag
	static size_t had;
	if (ask->width <= 0 || ask->height <= 0 || pixels > had) {
		free(rgb);
		rgb = ask->width > 0 && ask->height > 0 ? malloc(4 * pixels) : NULL;
		had = rgb ? pixels : 0;
	}
	int transparent = 0;
	if (!rgb)
		answer->failure = AKIN_MEMORY;
	else if (!library(ask->width, ask->height, rgb, rgb + 3 * pixels, &transparent, answer))
		answer->failure = answer->failure ? answer->failure : AKIN_DAMAGED;
	else {
		answer->planes = 1 + transparent;
		answer->plane[0] = (struct akin_plane){10, ask->width, ask->height, 8};
		answer->plane[1] = (struct akin_plane){6, ask->width, ask->height, 8};
	}
	give(answer, sizeof *answer);
	if (!answer->failure)
		give(rgb, (transparent ? 4 : 3) * pixels);
}

static void *drawing;

static int svg_open(const char *name, char *text)
{
	char cairo[1024] = "libcairo.so.2";
#ifdef __APPLE__
	const char *slash = strrchr(name, '/');
	snprintf(cairo, sizeof cairo, "%.*slibcairo.2.dylib", slash ? (int)(slash - name + 1) : 0, name);
#endif
	return akin_svg_open(name, cairo, text);
}

static void svg_read(const struct akin_ask *ask, struct akin_answer *answer)
{
	if (!akin_svg_read(&drawing, file, ask->size, &answer->natural_width, &answer->natural_height, answer->text))
		answer->failure = AKIN_DAMAGED;
	give(answer, sizeof *answer);
}

static int svg_paints(int width, int height, uint8_t *rgb, uint8_t *alpha, int *transparent, struct akin_answer *answer)
{
	return drawing && akin_svg_draw(drawing, width, height, rgb, alpha, transparent, answer);
}

static void svg_draw(const struct akin_ask *ask, struct akin_answer *answer) { draw(svg_paints, ask, answer); }

static void svg_close(void)
{
	akin_svg_close(drawing);
	drawing = NULL;
}

// A drawing with text makes fontconfig read its settings while it may still write its cache.
static void svg_greet(struct akin_answer *hello)
{
	static const char text[] = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><text y='8'>a</text></svg>";
	static uint8_t out[4 * 64];
	double w, h;
	int transparent;
	struct akin_answer answer = {0};
	void *d = NULL;
	if (akin_svg_read(&d, (const uint8_t *)text, sizeof text - 1, &w, &h, answer.text))
		akin_svg_draw(d, 8, 8, out, out + 3 * 64, &transparent, &answer);
	akin_svg_close(d);
}

static void jxl_read(const struct akin_ask *ask, struct akin_answer *answer)
{
	size_t length = 0;
	uint8_t *exif = NULL;
	if (akin_jxl_read(file, ask->size, answer) && (exif = akin_jxl_exif(file, ask->size, &length)))
		answer->exif = length;
	give(answer, sizeof *answer);
	give(exif, answer->exif);
	free(exif);
}

static void jxl_draw(const struct akin_ask *ask, struct akin_answer *answer) { draw(akin_jxl_draw, ask, answer); }
static void jxl_greet(struct akin_answer *hello) { akin_jxl_version(hello->version, sizeof hello->version); }

static void jp2_read(const struct akin_ask *ask, struct akin_answer *answer)
{
	akin_jp2_read(file, ask->size, answer);
	give(answer, sizeof *answer);
}

static void jp2_draw(const struct akin_ask *ask, struct akin_answer *answer) { draw(akin_jp2_draw, ask, answer); }

static void jp2_greet(struct akin_answer *hello)
{
	snprintf(hello->version, sizeof hello->version, "%s", akin_jp2_version());
}

static void raw_read(const struct akin_ask *ask, struct akin_answer *answer)
{
	akin_raw_read(file, ask->size, answer);
	give(answer, sizeof *answer);
}

static void raw_draw(const struct akin_ask *ask, struct akin_answer *answer) { draw(akin_raw_draw, ask, answer); }

static void raw_greet(struct akin_answer *hello)
{
	snprintf(hello->version, sizeof hello->version, "%s", akin_raw_version());
}

// A kind of child is a library, and what answers the questions with it.
static const struct kind {
	const char *name;
	int reads_files; // when it works: fonts, and what reads the pictures in drawings
	int (*open)(const char *name, char *text);
	void (*greet)(struct akin_answer *hello);
	void (*read)(const struct akin_ask *, struct akin_answer *);
	void (*draw)(const struct akin_ask *, struct akin_answer *);
	void (*close)(void);
} kinds[] = {
	{"heif", 0, akin_heif_open, heif_greet, heif_read, heif_draw, heif_close},
	{"svg", 1, svg_open, svg_greet, svg_read, svg_draw, svg_close},
	{"jxl", 0, akin_jxl_open, jxl_greet, jxl_read, jxl_draw, akin_jxl_close},
	{"jp2", 0, akin_jp2_open, jp2_greet, jp2_read, jp2_draw, akin_jp2_close},
	{"raw", 0, akin_raw_open, raw_greet, raw_read, raw_draw, akin_raw_close},
};

static void serve(const struct kind *kind)
{
	struct akin_ask ask;
	while (take(&ask, sizeof ask) && ask.magic == AKIN_MAGIC) {
		struct akin_answer answer;
		memset(&answer, 0, sizeof answer);
		answer.magic = AKIN_MAGIC;
		if (ask.op == AKIN_READ) {
			kind->close();
			free(file);
			bound(&ask);
			file = malloc(ask.size + 1);
			if (!file)
				_exit(1);
			if (!take(file, ask.size))
				return;
			kind->read(&ask, &answer);
		} else {
			bound(&ask);
			kind->draw(&ask, &answer);
		}
	}
}

// Libraries

static int open_first(const struct kind *kind, char *names, struct akin_answer *hello)
{
	char reasons[4 * AKIN_TEXT] = "", text[AKIN_TEXT];
	for (char *rest, *name = strtok_r(names, ";", &rest); name; name = strtok_r(NULL, ";", &rest)) {
		if (kind->open(name, text)) {
			snprintf(hello->text, AKIN_TEXT, "%s", name);
			return 1;
		}
		size_t used = strlen(reasons);
		if (used < sizeof reasons - AKIN_TEXT - 3)
			snprintf(reasons + used, sizeof reasons - used, "%s%s", used ? "; " : "", text);
	}
	snprintf(hello->text, AKIN_TEXT, "%.255s", reasons);
	return 0;
}

static void limit(int which, rlim_t most)
{
	struct rlimit r;
	if (getrlimit(which, &r) == 0 && r.rlim_max > most) {
		r.rlim_cur = r.rlim_max = most;
		setrlimit(which, &r);
	}
}

// The C library calls it before Go's runtime and any init of the program: nothing of the program itself runs in a child.
__attribute__((constructor)) static void akin_child(void)
{
	const char *job = getenv(AKIN_CHILD);
	struct stat asks, answers;
	if (!job || fstat(ASKS, &asks) || fstat(ANSWERS, &answers) || !S_ISFIFO(asks.st_mode) || !S_ISFIFO(answers.st_mode))
		return;
	char *names = strdup(job), *divide = names ? strchr(names, ';') : NULL;
	const struct kind *kind = NULL;
	if (!divide)
		_exit(1);
	*divide = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(names, kinds[i].name) == 0)
			kind = &kinds[i];
	if (!kind)
		_exit(1);
	// The parent decides when the child ends: it closes the pipe, or kills.
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mallopt(M_MMAP_THRESHOLD, 16 << 20); // the next picture takes what the last one had
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
#endif
	struct akin_answer hello;
	memset(&hello, 0, sizeof hello);
	hello.magic = AKIN_MAGIC;
	if (!open_first(kind, divide + 1, &hello)) {
		hello.failure = AKIN_LACKS;
		give(&hello, sizeof hello);
		_exit(0);
	}
	kind->greet(&hello);
	if (chdir("/"))
		_exit(1);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, 64);
	hello.sandbox = akin_sandbox(kind->reads_files);
#ifdef __APPLE__
	pthread_t watcher;
	if (pthread_create(&watcher, NULL, watch_memory, NULL) == 0)
		hello.sandbox |= AKIN_HAS_MEMORY;
#else
	struct rlimit r;
	if (getrlimit(RLIMIT_DATA, &r) == 0)
		hello.sandbox |= AKIN_HAS_MEMORY;
#endif
	give(&hello, sizeof hello);
	serve(kind);
	_exit(0);
}

int akin_child_is_main(void)
{
#ifdef __linux__
	Dl_info here, start;
	void *entry = (void *)getauxval(AT_ENTRY);
	return dladdr((void *)akin_child, &here) && dladdr(entry, &start) && here.dli_fbase == start.dli_fbase;
#else
	Dl_info here;
	const struct { uint32_t magic, cpu, sub, type; } *head;
	return dladdr((void *)akin_child, &here) && (head = here.dli_fbase) && head->type == 2; // MH_EXECUTE
#endif
}

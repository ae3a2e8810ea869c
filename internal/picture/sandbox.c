//go:build cgo && (linux || darwin)

#define _GNU_SOURCE
#include "child.h"

#ifndef __linux__
unsigned akin_sandbox(int reads_files) { return 0; }
#else

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH 0xc000003e
#elif defined(__aarch64__)
#define ARCH 0xc00000b7
#endif

#ifdef ARCH

// Classic BPF over { int nr; uint32_t arch; uint64_t ip, args[6]; }. Both machines are little-endian, so an
// argument's lower half comes first.
struct instruction {
	uint16_t code;
	uint8_t yes, no;
	uint32_t k;
};

static struct {
	struct instruction all[400];
	unsigned short length;
} filter;

static void put(uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	filter.all[filter.length++] = (struct instruction){code, yes, no, k};
}

enum { LOAD = 0x20, EQUAL = 0x15, AT_LEAST = 0x35, BITS = 0x45, MASK = 0x54, RETURN = 0x06 };
#define ALLOW 0x7fff0000
#define REFUSE(error) (0x00050000 | (error))
#define ARGUMENT(n) (16 + 8 * (n))

static void allow(int call)
{
	put(EQUAL, call, 0, 1);
	put(RETURN, ALLOW, 0, 0);
}

static void refuse(int call, int error)
{
	put(EQUAL, call, 0, 1);
	put(RETURN, REFUSE(error), 0, 0);
}

// The call is refused where a test of argument n holds, or does not.
static void refuse_where(int call, int n, uint16_t test, uint32_t operand, int holds, int error)
{
	put(EQUAL, call, 0, 4);
	put(LOAD, ARGUMENT(n), 0, 0);
	put(test, operand, !holds, holds);
	put(RETURN, REFUSE(error), 0, 0);
	put(RETURN, ALLOW, 0, 0);
}

// The call is allowed where argument n has none of the bits,
static void without(int call, int n, uint32_t bits, int error)
{
	refuse_where(call, n, BITS, bits, 1, error);
}

// where it has not all of them,
static void without_all(int call, int n, uint32_t bits, int error)
{
	put(EQUAL, call, 0, 5);
	put(LOAD, ARGUMENT(n), 0, 0);
	put(MASK, bits, 0, 0);
	put(EQUAL, bits, 0, 1);
	put(RETURN, REFUSE(error), 0, 0);
	put(RETURN, ALLOW, 0, 0);
}

// where it has one of them,
static void with(int call, int n, uint32_t bits, int error)
{
	refuse_where(call, n, BITS, bits, 0, error);
}

// where it is value.
static void only(int call, int n, uint32_t value, int error)
{
	refuse_where(call, n, EQUAL, value, 0, error);
}

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)
#define PROT_WRITE_EXEC 6
#define PROT_EXEC_ALONE 4

static int seccomp(int reads_files)
{
	static const int always[] = {
		SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_lseek, SYS_close, SYS_fstat, SYS_fcntl, SYS_mremap,
		SYS_munmap, SYS_brk, SYS_madvise, SYS_futex, SYS_exit, SYS_exit_group, SYS_rt_sigaction, SYS_rt_sigprocmask,
		SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_sched_yield, SYS_sched_getaffinity,
		SYS_sched_getparam, SYS_sched_getscheduler, SYS_set_robust_list, SYS_set_tid_address, SYS_gettid, SYS_getpid,
		SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getrandom, SYS_clock_gettime, SYS_clock_getres,
		SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_times, SYS_getrusage, SYS_getrlimit, SYS_setrlimit,
		SYS_uname, SYS_sysinfo, SYS_ppoll, SYS_pselect6, SYS_getcpu, SYS_membarrier,
#ifdef SYS_rseq
		SYS_rseq,
#endif
#ifdef __x86_64__
		SYS_poll, SYS_select, SYS_time, SYS_arch_prctl,
#endif
	};
	static const int reading[] = {
		SYS_newfstatat, SYS_faccessat, SYS_readlinkat, SYS_getdents64, SYS_statfs, SYS_fstatfs, SYS_getcwd, SYS_fadvise64,
		SYS_eventfd2, SYS_dup, SYS_dup3,
#ifdef SYS_statx
		SYS_statx,
#endif
#ifdef SYS_faccessat2
		SYS_faccessat2,
#endif
#ifdef __x86_64__
		SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getdents, SYS_dup2,
#endif
	};
	filter.length = 0;
	put(LOAD, 4, 0, 0);
	put(EQUAL, ARCH, 1, 0);
	put(RETURN, 0x80000000, 0, 0); // the process ends: another machine's calls have other numbers
	put(LOAD, 0, 0, 0);
#ifdef __x86_64__
	put(AT_LEAST, 0x40000000, 0, 1); // the x32 calls
	put(RETURN, REFUSE(EPERM), 0, 0);
#endif
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		allow(always[i]);
	if (reads_files) { // drawings look for fonts, and load what reads the pictures in them
		for (size_t i = 0; i < sizeof reading / sizeof *reading; i++)
			allow(reading[i]);
		without(SYS_openat, 2, WRITES, EACCES);
#ifdef SYS_open
		without(SYS_open, 1, WRITES, EACCES);
#endif
		without_all(SYS_mmap, 2, PROT_WRITE_EXEC, EACCES);
	} else {
		refuse(SYS_openat, EACCES);
		without(SYS_mmap, 2, PROT_EXEC_ALONE, EACCES);
	}
	without(SYS_mprotect, 2, PROT_EXEC_ALONE, EACCES);
	with(SYS_clone, 0, 0x00010000, EPERM); // threads, no processes
#ifdef SYS_clone3
	refuse(SYS_clone3, ENOSYS); // its flags cannot be seen; the C library asks by clone then
#endif
	only(SYS_prlimit64, 0, 0, EPERM);
	only(SYS_tgkill, 0, getpid(), EPERM);
	only(SYS_prctl, 0, 15, EPERM); // the name of a thread
	refuse(SYS_ioctl, ENOTTY);
	put(RETURN, REFUSE(EPERM), 0, 0);
	struct {
		unsigned short length;
		const struct instruction *all;
	} program = {filter.length, filter.all};
	return prctl(PR_SET_SECCOMP, 2, &program) == 0; // SECCOMP_MODE_FILTER
}

#else

static int seccomp(int reads_files) { return 0; }

#endif

// Landlock's calls have the same numbers on every machine.
enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF };
enum { READ_FILE = 1 << 2, READ_DIR = 1 << 3, EVERYTHING = (1 << 13) - 1 }; // of the first version of its interface

static void readable(int rules, const char *path)
{
	struct {
		uint64_t access;
		int32_t folder;
	} __attribute__((packed)) rule = {READ_FILE, open(path, O_PATH | O_CLOEXEC)};
	if (rule.folder < 0)
		return;
	int is_folder = openat(rule.folder, ".", O_PATH | O_CLOEXEC);
	if (is_folder >= 0) {
		rule.access |= READ_DIR;
		close(is_folder);
	}
	syscall(ADD_RULE, rules, 1, &rule, 0);
	close(rule.folder);
}

// The folders that fontconfig, which librsvg has loaded, would look into.
static void readable_fonts(int rules)
{
	void *lib = dlopen("libfontconfig.so.1", RTLD_NOW | RTLD_NOLOAD);
	if (!lib)
		return;
	void *(*folders)(void *) = dlsym(lib, "FcConfigGetFontDirs"), *(*caches)(void *) = dlsym(lib, "FcConfigGetCacheDirs");
	void *(*settings)(void *) = dlsym(lib, "FcConfigGetConfigFiles");
	const char *(*next)(void *) = dlsym(lib, "FcStrListNext");
	void (*done)(void *) = dlsym(lib, "FcStrListDone");
	void *(*all[])(void *) = {folders, caches, settings};
	for (int i = 0; i < 3 && next && done; i++) {
		void *list = all[i] ? all[i](NULL) : NULL;
		for (const char *path; list && (path = next(list));)
			readable(rules, path);
		if (list)
			done(list);
	}
}

static int landlock(int reads_files)
{
	uint64_t handled = EVERYTHING;
	int rules = syscall(CREATE_RULESET, &handled, sizeof handled, 0);
	if (rules < 0)
		return 0;
	if (reads_files) {
		static const char *const system[] = {"/usr", "/lib", "/lib64", "/lib32", "/opt", "/nix/store", "/gnu/store",
						     "/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives", "/dev/null"};
		for (size_t i = 0; i < sizeof system / sizeof *system; i++)
			readable(rules, system[i]);
		readable_fonts(rules);
	}
	int ok = syscall(RESTRICT_SELF, rules, 0) == 0;
	close(rules);
	return ok;
}

unsigned akin_sandbox(int reads_files)
{
	unsigned has = 0;
	prctl(PR_SET_DUMPABLE, 0); // no core, and no other process of the user looks into it
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 0;
	// What is said to hold was tried.
	if (landlock(reads_files) && open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0)
		has |= AKIN_HAS_LANDLOCK;
	if (seccomp(reads_files) && syscall(SYS_socket, 1, 1, 0) < 0 && syscall(SYS_execve, "/proc/self/exe", NULL, NULL) < 0 &&
	    open("/dev/null", O_WRONLY | O_CLOEXEC) < 0)
		has |= AKIN_HAS_SECCOMP;
	return has;
}
#endif

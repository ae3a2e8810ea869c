// Compares AVX-512's float32 products with its bfloat16 products, without AMX: whether three bfloat16 products can stand for a
// float32 one. Prints thousand million operations a second of one core, the best of seven rounds in turns.
//
//	cc -O2 -march=sapphirerapids loop.c -o loop && ./loop
#include <immintrin.h>
#include <stdio.h>
#include <time.h>

enum { steps = 20000000, sums = 12, rounds = 7 }; // more sums than the products' latency needs

static double seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static volatile float sink;

// time_of measures steps of all sums; product is the next value of one sum.
#define time_of(product)                                              \
	({                                                            \
		__m512 sum[sums];                                     \
		for (int i = 0; i < sums; i++)                        \
			sum[i] = _mm512_set1_ps(i);                   \
		double began = seconds();                             \
		for (long k = 0; k < steps; k++) {                    \
			for (int i = 0; i < sums; i++)                \
				sum[i] = product;                     \
			__asm__ volatile("" ::"v"(sum[0]));           \
		}                                                     \
		double took = seconds() - began;                      \
		for (int i = 0; i < sums; i++)                        \
			sink = _mm512_reduce_add_ps(sum[i]);          \
		took;                                                 \
	})

int main(void) {
	__m512 a = _mm512_set1_ps(1e-3f), b = _mm512_set1_ps(0.5f);
	__m512bh c = (__m512bh)_mm512_set1_epi16(0x3a83), d = (__m512bh)_mm512_set1_epi16(0x3f00);
	double single = 1e9, half = 1e9;
	for (int r = 0; r < rounds; r++) {
		double t = time_of(_mm512_fmadd_ps(a, b, sum[i]));
		single = t < single ? t : single;
		t = time_of(_mm512_dpbf16_ps(sum[i], c, d));
		half = t < half ? t : half;
	}
	double f = steps * 12.0 * 32 / single / 1e9, h = steps * 12.0 * 64 / half / 1e9;
	printf("float32 %.0f, bfloat16 %.0f: %.2f times; three for one: %.2f times\n", f, h, h / f, h / f / 3);
}

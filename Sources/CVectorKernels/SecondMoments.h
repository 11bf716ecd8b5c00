// The body of every level. The including file sets LANES, FUNCTION(name) and HAS_FMA, and may set
// QUICK_ROOT. LANES may exceed a register: its parts are independent chains, which hide each other's latency.
//
// Notation: a = Var a_i, b = Var b_j, c = c_ij. Rows and columns are scaled by powers of two s and t,
// exactly, so that no product overflows or vanishes: a' = a s^2, b' = b t^2, c' = c s t.
//
// Both kernels are functions of an angle whose sine x is the normalised covariance. Where |x| is near 1 the
// arcsine magnifies the rounding of x without bound. The cosine y therefore comes from a determinant,
// a b - c^2, that keeps its digits when it cancels, and the angle from whichever of x and y is small.

#include <stddef.h>

#include "ArcsineCoefficients.h"
#include "Levels.h"

// Only the fused operations written below: contraction elsewhere would spoil the error-free products.
#pragma STDC FP_CONTRACT OFF

// Vectors wider than a register have no fixed calling convention; every function that takes one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef double vec __attribute__((ext_vector_type(LANES)));
typedef __typeof__((vec)(0.0) < (vec)(0.0)) ivec;
typedef double unaligned_vec __attribute__((ext_vector_type(LANES), aligned(8)));

static const double SINE_OF_EIGHTH_PI = 0x1.87de2a6aea963p-2;
static const double ROOT_OF_HALF = 0x1.6a09e667f3bcdp-1;
static const double INVERSE_TWO_PI = 0x1.45f306dc9c883p-3;
// Below any square of a cosine that matters, above where the steps of an inverse square root overflow.
static const double LEAST_SQUARE = 0x1p-1000;

INLINE vec load(const double *p) { return *(const unaligned_vec *)p; }
INLINE void store(double *p, vec v) { *(unaligned_vec *)p = v; }
INLINE vec root(vec v) { return __builtin_elementwise_sqrt(v); }
#ifndef QUICK_ROOT
#define QUICK_ROOT root
#endif
INLINE vec magnitude(vec v) { return __builtin_elementwise_abs(v); }
INLINE vec with_sign(vec v, vec sign) { return __builtin_elementwise_copysign(v, sign); }

/// v, but not less than `bound`; NaN stays NaN.
INLINE vec at_least(vec v, vec bound) { return v < bound ? bound : v; }

/// u v + w, fused where the machine can; elsewhere rounded twice.
INLINE vec multiply_add(vec u, vec v, vec w) {
#if HAS_FMA
  return __builtin_elementwise_fma(u, v, w);
#else
  return u * v + w;
#endif
}

/// The rounding error u v - product of a product.
INLINE vec product_error(vec u, vec v, vec product) {
#if HAS_FMA
  return __builtin_elementwise_fma(u, v, -product);
#else
  // T. J. Dekker, Numerische Mathematik 18 (1971): halves of 26 bits multiply exactly.
  const double splitter = 0x1p27 + 1;
  vec us = u * splitter, vs = v * splitter;
  vec uh = us - (us - u), vh = vs - (vs - v);
  vec ul = u - uh, vl = v - vh;
  return ((uh * vh - product) + uh * vl + ul * vh) + ul * vl;
#endif
}

/// a b - c^2 within one and a half units in its last place, however much cancels.
INLINE vec determinant(vec a, vec b, vec c) {
  vec square = c * c;
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, -square) + __builtin_elementwise_fma(-c, c, square);
#else
  vec product = a * b;
  return (product - square) + (product_error(a, b, product) - product_error(c, c, square));
#endif
}

/// 1 / sqrt(v + tail) with an error barely above half a unit in its last place; tail is the rounding error
/// of v.
INLINE vec inverse_root(vec v, vec tail) {
  vec r = root(v);
  vec square = r * r;
  vec missing = (((v - square) - product_error(r, r, square)) + tail) / (r + r);
  vec p = 1 / r;
  vec product = p * r;
  vec residual = ((1 - product) - product_error(p, r, product)) - p * missing;
  return p + p * residual;
}

/// (2/pi) asin x, given y = sqrt(1 - x^2) >= 0 that has an error of its own, not x's; sign(x) where y = 0.
///
/// |x| has the arcsine pi/2 - asin y, or pi/4 + asin((|x| - y) / sqrt 2). The form whose argument is at most
/// sin(pi/8) is expanded: half as many terms do there as on the interval up to sin(pi/4).
INLINE vec arcsine(vec x, vec y) {
  vec sine = magnitude(x);
  ivec beyond = sine > y;
  vec least = beyond ? y : sine;
  ivec middle = least > SINE_OF_EIGHTH_PI;
  vec w = beyond ? -y : sine;
  w = middle ? (sine - y) * ROOT_OF_HALF : w;
  vec base = beyond ? (vec)(1.0) : (vec)(0.0);
  base = middle ? (vec)(0.5) : base;

  vec t = w * w;
  vec t2 = t * t;
  vec even = (vec)(ARCSINE_C8);
  even = multiply_add(even, t2, (vec)(ARCSINE_C6));
  even = multiply_add(even, t2, (vec)(ARCSINE_C4));
  even = multiply_add(even, t2, (vec)(ARCSINE_C2));
  even = multiply_add(even, t2, (vec)(ARCSINE_C0));
  vec odd = (vec)(ARCSINE_C9);
  odd = multiply_add(odd, t2, (vec)(ARCSINE_C7));
  odd = multiply_add(odd, t2, (vec)(ARCSINE_C5));
  odd = multiply_add(odd, t2, (vec)(ARCSINE_C3));
  odd = multiply_add(odd, t2, (vec)(ARCSINE_C1));
  vec slope = multiply_add(odd, t, even);
  return with_sign(multiply_add(w, slope, base), x);
}

/// What the kernels need of one row or column, or of LANES of them.
typedef struct {
  vec scale;              // s;  relu: 0 where a = 0
  vec variance;           // a' = a s^2
  vec inverse_deviation;  // erf: 1 / sqrt((a + 1/2) s^2); relu: 1 / sqrt(a'), or 0 where a = 0
  vec share;              // erf: a'/2 + s^2/8;            relu: sqrt(a')
  vec weight;             // erf: s^2;                     relu: 1/s, or 0 where a = 0
} factors;

/// h with v 2^(-2h) in [1/2, 2) for normal v > 0, as the exponent bits of 2^(h + 511).
INLINE ivec half_exponent(vec v) { return (*(ivec *)&v >> 53) & 0x3ff; }

/// 2^-h.
INLINE vec downscale(ivec half) {
  ivec bits = (1534 - half) << 52;
  return *(vec *)&bits;
}

/// 2^h.
INLINE vec upscale(ivec half) {
  ivec bits = (512 + half) << 52;
  return *(vec *)&bits;
}

INLINE factors erf_factors(vec a) {
  factors f;
  // a + 1/2 with its rounding error, so that the inverse root is exact to the last place.
  vec shifted = a + 0.5;
  vec added = shifted - a;
  vec tail = (a - (shifted - added)) + (0.5 - added);
  f.scale = downscale(half_exponent(shifted));
  f.variance = a * f.scale * f.scale;
  f.inverse_deviation = inverse_root(shifted * f.scale * f.scale, tail * f.scale * f.scale);
  f.weight = f.scale * f.scale;
  f.share = 0.5 * f.variance + 0.125 * f.weight;
  return f;
}

INLINE factors relu_factors(vec a) {
  factors f;
  ivec half = half_exponent(a);
  ivec zero = a == 0;
  f.scale = zero ? (vec)(0.0) : downscale(half);
  f.variance = a * f.scale * f.scale;
  f.inverse_deviation = zero ? (vec)(0.0) : inverse_root(f.variance, (vec)(0.0));
  f.share = root(f.variance);
  f.weight = zero ? (vec)(0.0) : upscale(half);
  return f;
}

INLINE vec erf_second_moment(vec c, factors f, factors g) {
  vec scaled = c * f.scale * g.scale;
  vec normaliser = f.inverse_deviation * g.inverse_deviation;
  // 1 - x^2 = (a b - c^2 + (a + b)/2 + 1/4) / ((a + 1/2)(b + 1/2)).
  vec sum = multiply_add(g.weight, f.share, f.weight * g.share);
  vec square = at_least(determinant(f.variance, g.variance, scaled) + sum, (vec)(LEAST_SQUARE));
  return arcsine(scaled * normaliser, QUICK_ROOT(square) * normaliser);
}

INLINE vec relu_second_moment(vec c, factors f, factors g) {
  vec scaled = c * f.scale * g.scale;
  vec square = determinant(f.variance, g.variance, scaled);
  // Clipped by the sign of the determinant, not by comparing with the rounded bound: c = a = b stays.
  scaled = square < 0 ? with_sign(f.share * g.share, scaled) : scaled;
  vec normaliser = f.inverse_deviation * g.inverse_deviation;
  vec cosine = QUICK_ROOT(at_least(square, (vec)(LEAST_SQUARE)));
  vec quarter = multiply_add((vec)(0.25), arcsine(scaled * normaliser, cosine * normaliser), (vec)(0.25));
  // Near u = -1 both terms cancel to rounding; no second moment of a function >= 0 is negative.
  vec moment = at_least(multiply_add(scaled, quarter, cosine * INVERSE_TWO_PI), (vec)(0.0));
  return moment * f.weight * g.weight;
}

// Factors of this many rows and columns at a time stay in the first-level cache.
#define BLOCK 128

typedef struct {
  _Alignas(64) double scale[BLOCK], variance[BLOCK], inverse_deviation[BLOCK], share[BLOCK],
    weight[BLOCK];
} factor_block;

INLINE void store_factors(factor_block *block, size_t i, factors f) {
  store(block->scale + i, f.scale);
  store(block->variance + i, f.variance);
  store(block->inverse_deviation + i, f.inverse_deviation);
  store(block->share + i, f.share);
  store(block->weight + i, f.weight);
}

INLINE factors load_factors(const factor_block *block, size_t i) {
  return (factors){
    load(block->scale + i), load(block->variance + i), load(block->inverse_deviation + i),
    load(block->share + i), load(block->weight + i)};
}

INLINE factors repeat_factors(const factor_block *block, size_t j) {
  return (factors){
    (vec)(block->scale[j]), (vec)(block->variance[j]), (vec)(block->inverse_deviation[j]),
    (vec)(block->share[j]), (vec)(block->weight[j])};
}

/// The first `count` < LANES values, and zeros.
INLINE vec load_part(const double *p, size_t count) {
  double padded[LANES] = {0};
  for (size_t i = 0; i < count; i++) padded[i] = p[i];
  return load(padded);
}

INLINE void store_part(double *p, vec v, size_t count) {
  double padded[LANES];
  store(padded, v);
  for (size_t i = 0; i < count; i++) p[i] = padded[i];
}

INLINE size_t smaller(size_t m, size_t n) { return m < n ? m : n; }

// A macro, since a call through a pointer to an inlined function stays a call in debug builds.
#define DEFINE_SECOND_MOMENTS(name)                                                                   \
  static void FUNCTION(name##_prepare)(const double *variances, size_t count, factor_block *block) {   \
    size_t i = 0;                                                                                      \
    for (; i + LANES <= count; i += LANES) {                                                           \
      store_factors(block, i, name##_factors(load(variances + i)));                                    \
    }                                                                                                  \
    if (i < count) store_factors(block, i, name##_factors(load_part(variances + i, count - i)));       \
  }                                                                                                    \
                                                                                                       \
  static void FUNCTION(name##_column)(                                                                 \
    double *c, size_t count, const factor_block *rows, const factor_block *columns, size_t j           \
  ) {                                                                                                  \
    factors g = repeat_factors(columns, j);                                                            \
    size_t i = 0;                                                                                      \
    for (; i + LANES <= count; i += LANES) {                                                           \
      store(c + i, name##_second_moment(load(c + i), load_factors(rows, i), g));                       \
    }                                                                                                  \
    if (i < count) {                                                                                   \
      vec part = load_part(c + i, count - i);                                                          \
      store_part(c + i, name##_second_moment(part, load_factors(rows, i), g), count - i);              \
    }                                                                                                  \
  }                                                                                                    \
                                                                                                       \
  void FUNCTION(renorm_##name)(                                                                        \
    double *c, const double *row_variances, size_t rows, const double *column_variances,               \
    size_t columns                                                                                     \
  ) {                                                                                                  \
    factor_block row_block, column_block;                                                              \
    for (size_t j = 0; j < columns; j += BLOCK) {                                                      \
      size_t width = smaller(BLOCK, columns - j);                                                      \
      FUNCTION(name##_prepare)(column_variances + j, width, &column_block);                            \
      for (size_t i = 0; i < rows; i += BLOCK) {                                                       \
        size_t height = smaller(BLOCK, rows - i);                                                      \
        FUNCTION(name##_prepare)(row_variances + i, height, &row_block);                               \
        for (size_t k = 0; k < width; k++) {                                                           \
          FUNCTION(name##_column)(c + i + (j + k) * rows, height, &row_block, &column_block, k);       \
        }                                                                                              \
      }                                                                                                \
    }                                                                                                  \
  }

DEFINE_SECOND_MOMENTS(erf)
DEFINE_SECOND_MOMENTS(relu)

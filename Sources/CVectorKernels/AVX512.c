#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#define LANES 32
#define FUNCTION(name) name##_avx512
#define HAS_FMA 1
#define QUICK_ROOT quick_root

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,fma"))), apply_to = function)
#pragma clang diagnostic ignored "-Wpsabi"

typedef double wide __attribute__((ext_vector_type(LANES)));

/// The square root of a normal number to one unit in its last place, without the divider, which would
/// take as long as all the rest: v r (1 - e)^(-1/2) with r = v^(-1/2) to 14 bits and e = 1 - v r^2. The
/// term in e^4 is below rounding.
static inline __attribute__((always_inline)) wide quick_root(wide v) {
  union {
    wide all;
    __m512d part[LANES / 8];
  } x = {v}, r;
  for (int i = 0; i < LANES / 8; i++) r.part[i] = _mm512_rsqrt14_pd(x.part[i]);
  wide g = v * r.all;
  wide e = __builtin_elementwise_fma(-g, r.all, (wide)(1.0));
  wide series = __builtin_elementwise_fma((wide)(0.3125), e, (wide)(0.375));
  series = __builtin_elementwise_fma(series, e, (wide)(0.5));
  return __builtin_elementwise_fma(g * e, series, g);
}

#include "SecondMoments.h"
#include "ErfValues.h"
#include "GaussianSums.h"
#include "RampProducts.h"
#include "SymmetricProducts.h"
#include "SymmetricInverse.h"
#include "Series.h"
#pragma clang attribute pop

#endif

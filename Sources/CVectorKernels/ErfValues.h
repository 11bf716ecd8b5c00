// erf and its derivative at an array of numbers. Compiled once for every level, after SecondMoments.h, whose
// vectors and elementary operations it uses.

#include "ErfCoefficients.h"

/// exp(-u) for 0 <= u <= 708, with a relative error of about 2^-52; NaN stays NaN.
INLINE vec exponential_of_minus(vec u) {
  // u = k log 2 - r with |r| <= log(2)/2; adding the shifter rounds k to an integer in the lowest bits.
  const double inverse_log_2 = 0x1.71547652b82fep+0, shifter = 0x1.8p52;
  const double log_2_high = 0x1.62e42fefa3800p-1, log_2_low = 0x1.ef35793c76730p-45;
  vec shifted = multiply_add(u, (vec)(inverse_log_2), (vec)(shifter));
  vec k = shifted - shifter;
  vec r = multiply_add(k, (vec)(log_2_low), multiply_add(k, (vec)(log_2_high), -u));
  // The exponential series to r^13/13!, below rounding on the interval.
  vec square = r * r;
  vec even = (vec)(1.0 / 479001600);
  even = multiply_add(even, square, (vec)(1.0 / 3628800));
  even = multiply_add(even, square, (vec)(1.0 / 40320));
  even = multiply_add(even, square, (vec)(1.0 / 720));
  even = multiply_add(even, square, (vec)(1.0 / 24));
  even = multiply_add(even, square, (vec)(0.5));
  vec odd = (vec)(1.0 / 6227020800);
  odd = multiply_add(odd, square, (vec)(1.0 / 39916800));
  odd = multiply_add(odd, square, (vec)(1.0 / 362880));
  odd = multiply_add(odd, square, (vec)(1.0 / 5040));
  odd = multiply_add(odd, square, (vec)(1.0 / 120));
  odd = multiply_add(odd, square, (vec)(1.0 / 6));
  vec tail = multiply_add(odd, r, even);
  vec series = multiply_add(tail, square, r) + 1;
  // The lowest bits of `shifted` hold k; 2^-k has the exponent 1023 - k.
  ivec bits = (1023 - *(ivec *)&shifted) << 52;
  return series * *(vec *)&bits;
}

/// Replaces x by erf x and writes its derivative 2 exp(-x^2) / sqrt(pi) to `slope`.
INLINE vec erf_and_slope(vec x, vec *slope) {
  const double two_over_root_pi = 0x1.20dd750429b6dp+0;
  vec size = magnitude(x);
  // Beyond 26 the derivative is no normal number; comparisons are written so that NaN stays.
  size = size > 26 ? (vec)(26.0) : size;
  vec square = size * size;
  vec gaussian = exponential_of_minus(square);
  *slope = gaussian * two_over_root_pi;

  // Both expansions as even and odd parts: chains of half the length.
  vec s2 = square * square;
  vec n_even = multiply_add((vec)(ERF_NEAR_10), s2, (vec)(ERF_NEAR_8));
  n_even = multiply_add(n_even, s2, (vec)(ERF_NEAR_6));
  n_even = multiply_add(n_even, s2, (vec)(ERF_NEAR_4));
  n_even = multiply_add(n_even, s2, (vec)(ERF_NEAR_2));
  n_even = multiply_add(n_even, s2, (vec)(ERF_NEAR_0));
  vec n_odd = multiply_add((vec)(ERF_NEAR_11), s2, (vec)(ERF_NEAR_9));
  n_odd = multiply_add(n_odd, s2, (vec)(ERF_NEAR_7));
  n_odd = multiply_add(n_odd, s2, (vec)(ERF_NEAR_5));
  n_odd = multiply_add(n_odd, s2, (vec)(ERF_NEAR_3));
  n_odd = multiply_add(n_odd, s2, (vec)(ERF_NEAR_1));
  vec near = size * multiply_add(n_odd, square, n_even);

  vec t = (size > 6 ? (vec)(6.0) : size) - 1;
  vec t2 = t * t;
  vec f_even = multiply_add((vec)(ERF_FAR_20), t2, (vec)(ERF_FAR_18));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_16));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_14));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_12));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_10));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_8));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_6));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_4));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_2));
  f_even = multiply_add(f_even, t2, (vec)(ERF_FAR_0));
  vec f_odd = multiply_add((vec)(ERF_FAR_19), t2, (vec)(ERF_FAR_17));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_15));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_13));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_11));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_9));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_7));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_5));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_3));
  f_odd = multiply_add(f_odd, t2, (vec)(ERF_FAR_1));
  vec far = 1 - gaussian * multiply_add(f_odd, t, f_even);

  return with_sign(size > 1 ? far : near, x);
}

void FUNCTION(renorm_erf_values)(double *x, double *slopes, size_t count) {
  size_t i = 0;
  vec slope;
  for (; i + LANES <= count; i += LANES) {
    store(x + i, erf_and_slope(load(x + i), &slope));
    store(slopes + i, slope);
  }
  if (i < count) {
    store_part(x + i, erf_and_slope(load_part(x + i, count - i), &slope), count - i);
    store_part(slopes + i, slope, count - i);
  }
}

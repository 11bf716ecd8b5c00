#ifndef RENORM_LEVELS_H
#define RENORM_LEVELS_H

#include "CVectorKernels.h"

#include <stddef.h>

typedef void second_moments(
  double *c, const double *row_variances, size_t rows, const double *column_variances, size_t columns);

second_moments renorm_erf_baseline, renorm_relu_baseline;

#if defined(__x86_64__)
second_moments renorm_erf_avx2, renorm_relu_avx2;
second_moments renorm_erf_avx512, renorm_relu_avx512;
#endif

typedef void symmetric_products(
  const double *kernel, size_t rows, size_t columns, const double *row_vectors, const double *column_vectors,
  double *row_sums, double *column_sums);

symmetric_products renorm_products_baseline;

#if defined(__x86_64__)
symmetric_products renorm_products_avx2, renorm_products_avx512;
#endif

typedef void values_and_slopes(double *x, double *slopes, size_t count);

values_and_slopes renorm_erf_values_baseline;

#if defined(__x86_64__)
values_and_slopes renorm_erf_values_avx2, renorm_erf_values_avx512;
#endif

typedef void gaussian_sums(
  double *x, size_t rows, size_t columns, const double *rates, const double *weights, size_t nodes);

gaussian_sums renorm_gaussian_sums_baseline;

#if defined(__x86_64__)
gaussian_sums renorm_gaussian_sums_avx2, renorm_gaussian_sums_avx512;
#endif

typedef void ramp_products(
  double *r, size_t count, const double *thresholds, const double *tails, const double *densities,
  double threshold, double tail, double density, const renorm_quadrature *coarse,
  const renorm_quadrature *fine, renorm_ramp_kind kind);

ramp_products renorm_ramp_products_baseline;

#if defined(__x86_64__)
ramp_products renorm_ramp_products_avx2, renorm_ramp_products_avx512;
#endif

typedef double symmetric_inverse(double *a, size_t order, size_t stride, double *scratch);

symmetric_inverse renorm_inverse_baseline;

#if defined(__x86_64__)
symmetric_inverse renorm_inverse_avx2, renorm_inverse_avx512;
#endif

typedef void series(
  double *c, size_t stride, const double *row_scales, size_t rows, const double *column_scales, size_t columns,
  const double *row_coefficients, size_t row_stride, const double *column_coefficients, size_t column_stride,
  size_t terms, bool is_odd);

series renorm_series_baseline;

#if defined(__x86_64__)
series renorm_series_avx2, renorm_series_avx512;
#endif

#endif

#include "CVectorKernels.h"
#include "Levels.h"

bool renorm_vector_level_available(renorm_vector_level level) {
  if (level == renorm_vector_baseline) return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == renorm_vector_avx2_fma) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
  if (level == renorm_vector_avx512) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  }
#endif
  return false;
}

renorm_vector_level renorm_vector_best_level(void) {
  if (renorm_vector_level_available(renorm_vector_avx512)) return renorm_vector_avx512;
  if (renorm_vector_level_available(renorm_vector_avx2_fma)) return renorm_vector_avx2_fma;
  return renorm_vector_baseline;
}

// choose(level): the function `name` that was compiled for a level.
#if defined(__x86_64__)
#define CHOICE(type, choose, name)                               \
  static type *choose(renorm_vector_level level) {               \
    if (level == renorm_vector_avx512) return name##_avx512;     \
    if (level == renorm_vector_avx2_fma) return name##_avx2;     \
    return name##_baseline;                                      \
  }
#else
#define CHOICE(type, choose, name)                               \
  static type *choose(renorm_vector_level level) {               \
    (void)level;                                                 \
    return name##_baseline;                                      \
  }
#endif

CHOICE(second_moments, erf_at, renorm_erf)

CHOICE(second_moments, relu_at, renorm_relu)

void renorm_erf_second_moments_at(
  renorm_vector_level level, double *c, const double *row_variances, size_t rows,
  const double *column_variances, size_t columns
) {
  erf_at(level)(c, row_variances, rows, column_variances, columns);
}

void renorm_relu_second_moments_at(
  renorm_vector_level level, double *c, const double *row_variances, size_t rows,
  const double *column_variances, size_t columns
) {
  relu_at(level)(c, row_variances, rows, column_variances, columns);
}

void renorm_erf_second_moments(
  double *c, const double *row_variances, size_t rows, const double *column_variances, size_t columns
) {
  erf_at(renorm_vector_best_level())(c, row_variances, rows, column_variances, columns);
}

void renorm_relu_second_moments(
  double *c, const double *row_variances, size_t rows, const double *column_variances, size_t columns
) {
  relu_at(renorm_vector_best_level())(c, row_variances, rows, column_variances, columns);
}

CHOICE(symmetric_products, products_at, renorm_products)

void renorm_symmetric_products_at(
  renorm_vector_level level, const double *kernel, size_t rows, size_t columns, const double *row_vectors,
  const double *column_vectors, double *row_sums, double *column_sums
) {
  products_at(level)(kernel, rows, columns, row_vectors, column_vectors, row_sums, column_sums);
}

void renorm_symmetric_products(
  const double *kernel, size_t rows, size_t columns, const double *row_vectors, const double *column_vectors,
  double *row_sums, double *column_sums
) {
  renorm_symmetric_products_at(
    renorm_vector_best_level(), kernel, rows, columns, row_vectors, column_vectors, row_sums, column_sums);
}

CHOICE(values_and_slopes, erf_values_at, renorm_erf_values)

void renorm_erf_values_at(renorm_vector_level level, double *x, double *slopes, size_t count) {
  erf_values_at(level)(x, slopes, count);
}

void renorm_erf_values(double *x, double *slopes, size_t count) {
  renorm_erf_values_at(renorm_vector_best_level(), x, slopes, count);
}

CHOICE(gaussian_sums, gaussian_sums_at, renorm_gaussian_sums)

void renorm_gaussian_sums_at(
  renorm_vector_level level, double *x, size_t rows, size_t columns, const double *rates,
  const double *weights, size_t nodes
) {
  gaussian_sums_at(level)(x, rows, columns, rates, weights, nodes);
}

void renorm_gaussian_sums(
  double *x, size_t rows, size_t columns, const double *rates, const double *weights, size_t nodes
) {
  renorm_gaussian_sums_at(renorm_vector_best_level(), x, rows, columns, rates, weights, nodes);
}

CHOICE(ramp_products, ramps_at, renorm_ramp_products)

void renorm_ramp_products_at(
  renorm_vector_level level, double *r, size_t count, const double *thresholds, const double *tails,
  const double *densities, double threshold, double tail, double density, const renorm_quadrature *coarse,
  const renorm_quadrature *fine, renorm_ramp_kind kind
) {
  ramps_at(level)(
    r, count, thresholds, tails, densities, threshold, tail, density, coarse, fine, kind);
}

void renorm_ramp_products(
  double *r, size_t count, const double *thresholds, const double *tails, const double *densities,
  double threshold, double tail, double density, const renorm_quadrature *coarse,
  const renorm_quadrature *fine, renorm_ramp_kind kind
) {
  renorm_ramp_products_at(
    renorm_vector_best_level(), r, count, thresholds, tails, densities, threshold, tail, density, coarse,
    fine, kind);
}

CHOICE(symmetric_inverse, inverse_at, renorm_inverse)

size_t renorm_inverse_scratch(size_t order) {
  return (order + 2 * renorm_product_width) * (order + 8);
}

double renorm_inverse_at(renorm_vector_level level, double *a, size_t order, size_t stride, double *scratch) {
  return inverse_at(level)(a, order, stride, scratch);
}

double renorm_inverse(double *a, size_t order, size_t stride, double *scratch) {
  return renorm_inverse_at(renorm_vector_best_level(), a, order, stride, scratch);
}

CHOICE(series, series_at, renorm_series)

void renorm_series_second_moments_at(
  renorm_vector_level level, double *c, size_t stride, const double *row_scales, size_t rows,
  const double *column_scales, size_t columns, const double *row_coefficients, size_t row_stride,
  const double *column_coefficients, size_t column_stride, size_t terms, bool is_odd
) {
  series_at(level)(
    c, stride, row_scales, rows, column_scales, columns, row_coefficients, row_stride, column_coefficients,
    column_stride, terms, is_odd);
}

void renorm_series_second_moments(
  double *c, size_t stride, const double *row_scales, size_t rows, const double *column_scales, size_t columns,
  const double *row_coefficients, size_t row_stride, const double *column_coefficients, size_t column_stride,
  size_t terms, bool is_odd
) {
  renorm_series_second_moments_at(
    renorm_vector_best_level(), c, stride, row_scales, rows, column_scales, columns, row_coefficients,
    row_stride, column_coefficients, column_stride, terms, is_odd);
}

#ifndef RENORM_VECTOR_KERNELS_H
#define RENORM_VECTOR_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/// Sets of instructions that the functions below are compiled for.
///
/// At one level a value depends on its own covariance and variances only: not on its place in the array,
/// on the size of the array, or on alignment. Between levels values may differ by rounding.
typedef enum {
  renorm_vector_baseline = 0,
  renorm_vector_avx2_fma = 1,
  renorm_vector_avx512 = 2,
} renorm_vector_level;

/// Whether this machine can run a level; baseline always can.
bool renorm_vector_level_available(renorm_vector_level level);

/// The highest level that this machine can run.
renorm_vector_level renorm_vector_best_level(void);

/// c_ij <- E[erf(a_i) erf(b_j)] = (2/pi) asin( 2 c_ij / sqrt((1 + 2 Var a_i)(1 + 2 Var b_j)) ), where c_ij
/// stands at `c[i + j * rows]`. The error is at most 2^-51.
void renorm_erf_second_moments(
  double *c, const double *row_variances, size_t rows, const double *column_variances, size_t columns);

/// c_ij <- E[relu(a_i) relu(b_j)] = (r/2pi) ( u (pi/2 + asin u) + sqrt(1 - u^2) ) with
/// r = sqrt(Var a_i Var b_j) and u = c_ij / r clipped to [-1, 1]; 0 where r = 0. The error is at most
/// 2^-52 r.
void renorm_relu_second_moments(
  double *c, const double *row_variances, size_t rows, const double *column_variances, size_t columns);

/// Rows of coefficients of the function below are padded to a multiple of this.
enum { renorm_series_width = 32 };

/// c_ij <- sum_k a_ik b_jk u^k, or sum_k a_ik b_jk u^(2k+1) where `is_odd`, k < terms, u = c_ij s_i t_j clipped
/// to [-1, 1]. c_ij stands at `c[i + j * stride]`; a_ik at `row_coefficients[i + k * row_stride]`, row_stride a
/// multiple of `renorm_series_width` not below `rows`, and b_jk at `column_coefficients[j + k *
/// column_stride]`; s and t are the scales. By Horner's rule.
void renorm_series_second_moments(
  double *c, size_t stride, const double *row_scales, size_t rows, const double *column_scales, size_t columns,
  const double *row_coefficients, size_t row_stride, const double *column_coefficients, size_t column_stride,
  size_t terms, bool is_odd);

/// Replaces every x by erf x, with an error of at most 2^-51 (relative below 1/2), and writes the derivatives
/// (2/sqrt pi) exp(-x^2) to `slopes`, with an error of at most 2^-51. NaN stays NaN.
void renorm_erf_values(double *x, double *slopes, size_t count);

/// Replaces every element x_ij of a matrix, column by column, by sum_k weights_ik exp(-rates_ik x_ij^2), rates >= 0
/// and weights rows x nodes. Every exponential has a relative error of about 2^-52. NaN stays NaN.
void renorm_gaussian_sums(
  double *x, size_t rows, size_t columns, const double *rates, const double *weights, size_t nodes);

/// A rule of quadrature on -1 to 1.
typedef struct {
  const double *nodes, *weights;
  size_t order;
} renorm_quadrature;

/// R(h, k, r); R(h, k, r) - R(h, k, -r); R(h, k, r) - R(h, 0, r) - R(0, k, r).
typedef enum { renorm_ramp_plain, renorm_ramp_odd, renorm_ramp_cut } renorm_ramp_kind;

/// r_i <- R(h_i, k, r_i) = E[max(0, x - h_i) max(0, y - k)] for standard normal x and y of correlation r_i in
/// [-1, 1], or another combination of such. h and k, from 0 to 1e8, are the thresholds; tails
/// are P(x > h), densities phi(h). Gauss-Legendre quadrature of order 12, for |r| at most 0.8, and of order 20
/// have errors below 1e-15.
void renorm_ramp_products(
  double *r, size_t count, const double *thresholds, const double *tails, const double *densities,
  double threshold, double tail, double density, const renorm_quadrature *coarse,
  const renorm_quadrature *fine, renorm_ramp_kind kind);

/// Numbers in a row of vectors of the function below: so many vectors are multiplied at once.
enum { renorm_product_width = 8 };

/// y <- y + K v over the rows and z <- z + K^T w over the columns of a block K of a symmetric matrix, for 8
/// vectors at once. K_ij stands at `kernel[i + j * rows]`; the vectors w over the rows and v over the columns,
/// and the sums y and z, are rows of 8 numbers. y and z may overlap.
void renorm_symmetric_products(
  const double *kernel, size_t rows, size_t columns, const double *row_vectors, const double *column_vectors,
  double *row_sums, double *column_sums);

/// A <- A^-1 for a positive definite matrix, A_ij at `a[i + j * stride]`: the lower triangle is read, both are
/// written. Returns log det A; NaN, with A as it was, where A is not positive definite or not finite, or has a
/// pivot outside 1e-70 to 1e70. The matrix is visited `order`/4 times, so it should fit in a cache. `scratch`
/// has `renorm_inverse_scratch(order)` numbers.
double renorm_inverse(double *a, size_t order, size_t stride, double *scratch);

/// See `renorm_inverse`.
size_t renorm_inverse_scratch(size_t order);

/// The same at a chosen level, which must be available.
void renorm_symmetric_products_at(
  renorm_vector_level level, const double *kernel, size_t rows, size_t columns, const double *row_vectors,
  const double *column_vectors, double *row_sums, double *column_sums);
void renorm_erf_second_moments_at(
  renorm_vector_level level, double *c, const double *row_variances, size_t rows,
  const double *column_variances, size_t columns);
void renorm_relu_second_moments_at(
  renorm_vector_level level, double *c, const double *row_variances, size_t rows,
  const double *column_variances, size_t columns);
void renorm_series_second_moments_at(
  renorm_vector_level level, double *c, size_t stride, const double *row_scales, size_t rows,
  const double *column_scales, size_t columns, const double *row_coefficients, size_t row_stride,
  const double *column_coefficients, size_t column_stride, size_t terms, bool is_odd);
void renorm_erf_values_at(renorm_vector_level level, double *x, double *slopes, size_t count);
void renorm_gaussian_sums_at(
  renorm_vector_level level, double *x, size_t rows, size_t columns, const double *rates,
  const double *weights, size_t nodes);
void renorm_ramp_products_at(
  renorm_vector_level level, double *r, size_t count, const double *thresholds, const double *tails,
  const double *densities, double threshold, double tail, double density, const renorm_quadrature *coarse,
  const renorm_quadrature *fine, renorm_ramp_kind kind);
double renorm_inverse_at(renorm_vector_level level, double *a, size_t order, size_t stride, double *scratch);

#endif

// Compiled once for every level, after SymmetricProducts.h, whose rows of vectors it uses.

/// Variables that are exchanged together, so that a number is loaded and stored once for so many products.
enum { FUNCTION(sweep_width) = 4 };

/// Sweeps all variables of a small matrix, order `sweep_width` at most: d <- -d^-1. Returns the product of the
/// pivots; NaN unless all are positive and finite.
static double FUNCTION(sweep_small)(double d[FUNCTION(sweep_width)][FUNCTION(sweep_width)], size_t order) {
  double product = 1;
  for (size_t k = 0; k < order; k++) {
    double pivot = d[k][k];
    // Written so that NaN fails; the pivots are those of a Cholesky factorisation.
    if (!(pivot > 1e-70 && pivot < 1e70)) return __builtin_nan("");
    product *= pivot;
    for (size_t j = 0; j < order; j++) {
      if (j == k) continue;
      double factor = d[j][k] / pivot;
      for (size_t i = 0; i < order; i++) {
        if (i != k) d[j][i] -= factor * d[k][i];
      }
    }
    for (size_t j = 0; j < order; j++) {
      if (j == k) continue;
      d[j][k] /= pivot;
      d[k][j] = d[j][k];
    }
    d[k][k] = -1 / pivot;
  }
  return product;
}

double FUNCTION(renorm_inverse)(double *a, size_t order, size_t stride, double *scratch) {
  enum { width = FUNCTION(sweep_width) };
  typedef FUNCTION(renorm_row) row;
  size_t rows = (order + renorm_product_width - 1) / renorm_product_width, padded = rows * renorm_product_width;
  double *w = scratch, *saved = scratch + padded * order, *solved = saved + width * padded;
  for (size_t j = 0; j < order; j++) {
    for (size_t i = 0; i < padded; i++) w[i + j * padded] = i >= j && i < order ? a[i + j * stride] : 0;
  }
  // A sweep exchanges variables: after all of them w is -A^-1. J. H. Goodnight, Am. Stat. 33 (1979).
  // Only the lower triangle of w is kept, and what of the upper one stands in a row of vectors with it.
  double log_determinant = 0;
  for (size_t start = 0; start < order; start += width) {
    size_t count = smaller(width, order - start);
    double d[width][width] = {{0}};
    for (size_t q = 0; q < width; q++) {
      double *column = saved + q * padded;
      size_t k = start + q;
      for (size_t i = 0; i < padded; i++) {
        column[i] = q >= count ? 0 : i < k ? w[k + i * padded] : w[i + k * padded];
      }
      for (size_t p = 0; p < count; p++) d[q][p] = column[start + p];
    }
    double product = FUNCTION(sweep_small)(d, count);
    if (!(product > 0)) return __builtin_nan("");
    log_determinant += log(product);

    // -C D^-1, C the saved columns and D their own block.
    const row *c0 = (const row *)saved, *c1 = c0 + rows, *c2 = c1 + rows, *c3 = c2 + rows;
    for (size_t q = 0; q < width; q++) {
      row *column = (row *)(solved + q * padded);
      for (size_t i = 0; i < rows; i++) {
        row sum = d[q][0] * c0[i];
        ADD_PRODUCT(sum, d[q][1], c1[i]);
        ADD_PRODUCT(sum, d[q][2], c2[i]);
        ADD_PRODUCT(sum, d[q][3], c3[i]);
        column[i] = sum;
      }
    }
    for (size_t j = 0; j < order; j++) {
      if (j >= start && j < start + count) continue;
      const double *f = solved + j;
      double f0 = f[0], f1 = f[padded], f2 = f[2 * padded], f3 = f[3 * padded];
      row *target = (row *)(w + j * padded);
      for (size_t i = j / renorm_product_width; i < rows; i++) {
        row sum = target[i];
        ADD_PRODUCT(sum, f0, c0[i]);
        ADD_PRODUCT(sum, f1, c1[i]);
        ADD_PRODUCT(sum, f2, c2[i]);
        ADD_PRODUCT(sum, f3, c3[i]);
        target[i] = sum;
      }
    }
    for (size_t q = 0; q < count; q++) {
      size_t k = start + q;
      for (size_t j = 0; j < start; j++) w[k + j * padded] = -solved[j + q * padded];
      for (size_t j = start + count; j < order; j++) w[j + k * padded] = -solved[j + q * padded];
      for (size_t p = 0; p < count; p++) w[start + p + k * padded] = d[q][p];
    }
  }
  for (size_t j = 0; j < order; j++) {
    for (size_t i = j; i < order; i++) {
      a[i + j * stride] = -w[i + j * padded];
      a[j + i * stride] = -w[i + j * padded];
    }
  }
  return log_determinant;
}

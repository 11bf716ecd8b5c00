// Compiled once for every level, after SymmetricProducts.h, whose rows of vectors it uses.

/// Variables that are exchanged together, so that a number is loaded and stored once for so many products.
enum { FUNCTION(sweep_width) = 4 };

double FUNCTION(renorm_inverse)(double *a, size_t order, size_t stride, double *scratch) {
  enum { width = FUNCTION(sweep_width) };
  typedef FUNCTION(renorm_row) row;
  size_t rows = (order + renorm_product_width - 1) / renorm_product_width, padded = rows * renorm_product_width;
  // Columns at a distance of a power of two would share few lines of the cache.
  size_t distance = padded % 64 == 0 ? padded + renorm_product_width : padded;
  double *w = scratch, *panel = w + distance * order, *vectors = panel + width * padded;
  for (size_t j = 0; j < order; j++) {
    for (size_t i = 0; i < padded; i++) w[i + j * distance] = i >= j && i < order ? a[i + j * stride] : 0;
  }
  // A sweep of variable k takes w_ij to w_ij - w_ik w_jk / w_kk, w_ik to w_ik / w_kk and w_kk to -1 / w_kk:
  // after all of them w is -A^-1. J. H. Goodnight, Am. Stat. 33 (1979). Pivots one by one leave the error of
  // Cholesky's factor in what is still to be swept; an inverse of four at once would not. Only the lower
  // triangle of w is kept, and what of the upper one stands in a row of vectors with it.
  double log_determinant = 0;
  for (size_t start = 0; start < order; start += width) {
    size_t count = smaller(width, order - start);
    for (size_t q = 0; q < count; q++) {
      double *column = panel + q * padded;
      size_t k = start + q;
      for (size_t i = 0; i < k; i++) column[i] = w[k + i * distance];
      for (size_t i = k; i < padded; i++) column[i] = w[i + k * distance];
    }
    // The sweeps on their own columns; the vectors w_ik of each are kept for the others.
    double inverse[width] = {0}, product = 1;
    for (size_t q = 0; q < width; q++) {
      double *vector = vectors + q * padded, *own = panel + q * padded;
      size_t k = start + q;
      if (q >= count) {
        for (size_t i = 0; i < padded; i++) vector[i] = 0;
        continue;
      }
      double pivot = own[k];
      // Written so that NaN fails.
      if (!(pivot > 1e-70 && pivot < 1e70)) return __builtin_nan("");
      product *= pivot;
      inverse[q] = 1 / pivot;
      for (size_t i = 0; i < padded; i++) vector[i] = own[i];
      for (size_t p = 0; p < count; p++) {
        if (p == q) continue;
        double *other = panel + p * padded, factor = vector[start + p] * inverse[q];
        row *target = (row *)other;
        for (size_t i = 0; i < rows; i++) ADD_PRODUCT(target[i], -factor, ((const row *)vector)[i]);
        other[k] = factor;
      }
      for (size_t i = 0; i < padded; i++) own[i] = vector[i] * inverse[q];
      own[k] = -inverse[q];
    }
    log_determinant += log(product);

    const row *c0 = (const row *)vectors, *c1 = c0 + rows, *c2 = c1 + rows, *c3 = c2 + rows;
    for (size_t j = 0; j < order; j++) {
      if (j >= start && j < start + count) continue;
      const double *f = vectors + j;
      double f0 = -f[0] * inverse[0], f1 = -f[padded] * inverse[1];
      double f2 = -f[2 * padded] * inverse[2], f3 = -f[3 * padded] * inverse[3];
      row *target = (row *)(w + j * distance);
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
      const double *column = panel + q * padded;
      size_t k = start + q;
      for (size_t j = 0; j < start; j++) w[k + j * distance] = column[j];
      for (size_t j = start; j < order; j++) w[j + k * distance] = column[j];
    }
  }
  for (size_t j = 0; j < order; j++) {
    for (size_t i = j; i < order; i++) {
      a[i + j * stride] = -w[i + j * distance];
      a[j + i * stride] = -w[i + j * distance];
    }
  }
  return log_determinant;
}

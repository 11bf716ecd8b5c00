// The body of every level, included after SecondMoments.h; see there.

/// Columns that are computed at once, so that a coefficient of a row is read once for them.
#define SERIES_COLUMNS 2

void FUNCTION(renorm_series)(
  double *c, size_t stride, const double *row_scales, size_t rows, const double *column_scales, size_t columns,
  const double *row_coefficients, size_t row_stride, const double *column_coefficients, size_t column_stride,
  size_t terms, bool is_odd
) {
  for (size_t j = 0; j < columns; j += SERIES_COLUMNS) {
    size_t width = smaller(SERIES_COLUMNS, columns - j);
    // The last column may stand for the one that is missing.
    size_t second = width > 1 ? j + 1 : j;
    const double *a = column_coefficients + j, *b = column_coefficients + second;
    for (size_t i = 0; i < rows; i += LANES) {
      size_t height = smaller(LANES, rows - i);
      double *p = c + i + j * stride, *q = c + i + second * stride;
      vec scales = height == LANES ? load(row_scales + i) : load_part(row_scales + i, height);
      vec u = height == LANES ? load(p) : load_part(p, height);
      vec v = height == LANES ? load(q) : load_part(q, height);
      u = u * (scales * column_scales[j]);
      v = v * (scales * column_scales[second]);
      const vec one = (vec)(1.0);
      u = u > one ? one : u;
      u = u < -one ? -one : u;
      v = v > one ? one : v;
      v = v < -one ? -one : v;
      vec x = is_odd ? u * u : u, y = is_odd ? v * v : v;
      vec s = (vec)(0.0), t = (vec)(0.0);
      for (size_t k = terms; k-- > 0;) {
        vec row = load(row_coefficients + i + k * row_stride);
        s = multiply_add(s, x, row * a[k * column_stride]);
        t = multiply_add(t, y, row * b[k * column_stride]);
      }
      if (is_odd) {
        s = s * u;
        t = t * v;
      }
      if (height == LANES) {
        store(p, s);
        if (width > 1) store(q, t);
      } else {
        store_part(p, s, height);
        if (width > 1) store_part(q, t, height);
      }
    }
  }
}

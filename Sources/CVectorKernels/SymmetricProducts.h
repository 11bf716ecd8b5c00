// Compiled once for every level, like SecondMoments.h: FUNCTION names the level.

/// A row of vectors; the compiler splits it into registers of the level.
typedef double FUNCTION(renorm_row) __attribute__((ext_vector_type(renorm_product_width), aligned(8)));

#if HAS_FMA
#define ADD_PRODUCT(sum, number, vector) \
  sum = __builtin_elementwise_fma((FUNCTION(renorm_row))(number), vector, sum)
#else
#define ADD_PRODUCT(sum, number, vector) sum += (number) * (vector)
#endif

void FUNCTION(renorm_products)(
  const double *kernel, size_t rows, size_t columns, const double *row_vectors, const double *column_vectors,
  double *row_sums, double *column_sums
) {
  typedef FUNCTION(renorm_row) row;
  const row *v_rows = (const row *)row_vectors, *v_columns = (const row *)column_vectors;
  row *y_rows = (row *)row_sums, *y_columns = (row *)column_sums;
  size_t nu = 0;
  // Two columns at a time: every sum of a row is loaded and stored half as often.
  for (; nu + 1 < columns; nu += 2) {
    const double *first = kernel + nu * rows, *second = first + rows;
    row v = v_columns[nu], w = v_columns[nu + 1], s = 0, t = 0;
    for (size_t mu = 0; mu < rows; mu++) {
      row x = v_rows[mu];
      double a = first[mu], b = second[mu];
      row y = y_rows[mu];
      ADD_PRODUCT(y, a, v);
      ADD_PRODUCT(y, b, w);
      y_rows[mu] = y;
      ADD_PRODUCT(s, a, x);
      ADD_PRODUCT(t, b, x);
    }
    y_columns[nu] += s;
    y_columns[nu + 1] += t;
  }
  if (nu < columns) {
    const double *last = kernel + nu * rows;
    row v = v_columns[nu], s = 0;
    for (size_t mu = 0; mu < rows; mu++) {
      ADD_PRODUCT(y_rows[mu], last[mu], v);
      ADD_PRODUCT(s, last[mu], v_rows[mu]);
    }
    y_columns[nu] += s;
  }
}

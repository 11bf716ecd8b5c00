// Sums of Gaussians at an array of numbers. Compiled once for every level, after ErfValues.h, of which it uses
// the exponential.

/// x <- sum_k weights_k exp(-rates_k x^2), with rates and weights of the rows.
INLINE vec gaussian_sum(
  vec x, const double *rates, const double *weights, size_t rows, size_t nodes, size_t lanes
) {
  vec square = x * x;
  vec sum = {0};
  for (size_t k = 0; k < nodes; k++) {
    vec rate = lanes == LANES ? load(rates + k * rows) : load_part(rates + k * rows, lanes);
    vec weight = lanes == LANES ? load(weights + k * rows) : load_part(weights + k * rows, lanes);
    vec u = rate * square;
    // Written so that NaN stays.
    u = u > 708 ? (vec)(708.0) : u;
    sum = multiply_add(weight, exponential_of_minus(u), sum);
  }
  return sum;
}

void FUNCTION(renorm_gaussian_sums)(
  double *x, size_t rows, size_t columns, const double *rates, const double *weights, size_t nodes
) {
  for (size_t j = 0; j < columns; j++) {
    double *column = x + rows * j;
    size_t i = 0;
    for (; i + LANES <= rows; i += LANES) {
      store(column + i, gaussian_sum(load(column + i), rates + i, weights + i, rows, nodes, LANES));
    }
    if (i < rows) {
      vec sum = gaussian_sum(load_part(column + i, rows - i), rates + i, weights + i, rows, nodes, rows - i);
      store_part(column + i, sum, rows - i);
    }
  }
}

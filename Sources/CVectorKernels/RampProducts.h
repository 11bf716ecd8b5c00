// E[max(0, x - h) max(0, y - k)] for standard normal x and y of correlation r. Compiled once for every level,
// after ErfValues.h, whose exponential and error function it uses.
//
// With R' = P(x > h, y > k) and R'' the joint density at (h, k) (derivatives by r), from r = 0
//
//     R = g(h) g(k) + r Q(h) Q(k) + (1/2pi) int_0^theta (r - sin t) e(t) dt,     sin theta = r,
//     e = exp(-(h^2 + k^2 - 2 h k sin t)/(2 cos^2 t)),   g(h) = phi(h) - h Q(h),   Q(h) = P(x > h),
//
// and near |r| = 1, where e changes steeply, from there, in x = cos t, a^2 = 1 - r^2 (the idea is A. Genz's,
// Statistics and Computing 14 (2004), for the orthant alone):
//
//     R(r)    = (r + h k) Q(max) - min phi(max) + B(|h - k|, h k),   R(-r) = B(h + k, -h k),   r > 0,
//     B(d, p) = (1/2pi) int_0^a exp(-d^2/(2 x^2) - p/2) G(x) dx,
//     G(x)    = (1 - r/rho) exp(-(p/2)(1 - rho)/(1 + rho)),   rho = (1 - x^2)^(1/2),
//
// G less its series to x^4, which is integrated exactly.

static const double NEAR_CORRELATION = 0.925;
static const double ROOT_OF_HALF_PI = 0x1.40d931ff62706p+0;
static const double HALF_ROOT_PI = 0x1.c5bf891b4ef6bp-1;

/// Thresholds h >= 0 with Q(h) and phi(h).
typedef struct {
  vec threshold, tail, density;
} ramp;

INLINE vec clamped(vec u, double least, double most) {
  u = u < least ? (vec)(least) : u;
  return u > most ? (vec)(most) : u;
}

/// exp(-u), 0 or large beyond what counts.
INLINE vec bounded_exponential(vec u) { return exponential_of_minus(clamped(u, -600, 708)); }

/// sin t for |t| <= 1.2, by its series.
INLINE vec sine(vec t) {
  vec square = t * t;
  vec s = (vec)(-1.0 / 121645100408832000);
  s = multiply_add(s, square, (vec)(1.0 / 355687428096000));
  s = multiply_add(s, square, (vec)(-1.0 / 1307674368000));
  s = multiply_add(s, square, (vec)(1.0 / 6227020800));
  s = multiply_add(s, square, (vec)(-1.0 / 39916800));
  s = multiply_add(s, square, (vec)(1.0 / 362880));
  s = multiply_add(s, square, (vec)(-1.0 / 5040));
  s = multiply_add(s, square, (vec)(1.0 / 120));
  s = multiply_add(s, square, (vec)(-1.0 / 6));
  return multiply_add(s * square, t, t);
}

/// R(r), or R(r) - R(-r), for |r| at most NEAR_CORRELATION.
INLINE vec far_product(vec r, ramp f, ramp g, const double *nodes, const double *weights, size_t order, bool is_odd) {
  vec theta = arcsine(r, root((1 - r) * (1 + r))) * (0.25 / INVERSE_TWO_PI);
  vec half = 0.5 * (f.threshold * f.threshold + g.threshold * g.threshold);
  vec product = f.threshold * g.threshold;
  vec sum = (vec)(0.0);
  for (size_t j = 0; j < order; j++) {
    vec s = sine(theta * (0.5 * (nodes[j] + 1)));
    vec inverse = 1 / (1 - s * s);
    vec e = bounded_exponential((half - product * s) * inverse);
    if (is_odd) e -= bounded_exponential((half + product * s) * inverse);
    sum = multiply_add(weights[j] * (r - s), e, sum);
  }
  vec integral = sum * theta * (0.5 * INVERSE_TWO_PI);
  vec tails = r * f.tail * g.tail;
  if (is_odd) return integral + 2 * tails;
  vec ends = (f.density - f.threshold * f.tail) * (g.density - g.threshold * g.tail);
  return integral + tails + ends;
}

/// B(d, p) for r >= NEAR_CORRELATION, a = sqrt(1 - r^2).
INLINE vec near_integral(vec r, vec a, vec d, vec p, const double *nodes, const double *weights, size_t order) {
  vec x = d / a * ROOT_OF_HALF, slope;
  x = x > 25 ? (vec)(25.0) : x;
  vec complement = 1 - erf_and_slope(x, &slope);
  vec scale = bounded_exponential(0.5 * p);
  vec edge = slope * HALF_ROOT_PI;
  vec d2 = d * d, a2 = a * a;
  vec j0 = a * edge - d * ROOT_OF_HALF_PI * complement;
  vec j2 = (a * a2 * edge - d2 * j0) / 3;
  vec j4 = (a * a2 * a2 * edge - d2 * j2) / 5;
  vec c0 = 1 - r;
  vec c2 = -0.125 * p - r * (0.125 * (4 - p));
  vec c4 = p * (p - 8) * (1.0 / 128) - r * ((4 - p) * (12 - p) * (1.0 / 128));
  vec sum = (vec)(0.0), x2 = x * x;
  for (size_t j = 0; j < order; j++) {
    double share = 0.5 * (nodes[j] + 1);
    vec y2 = a2 * (share * share);
    vec rho = root(1 - y2), sum_of_one = 1 + rho;
    vec exact = (1 - r / rho) * bounded_exponential(0.5 * p * y2 / (sum_of_one * sum_of_one));
    vec rest = exact - multiply_add(y2, multiply_add(y2, c4, c2), c0);
    sum = multiply_add(weights[j] * rest, bounded_exponential(x2 / (share * share)), sum);
  }
  vec series = multiply_add(c0, j0, multiply_add(c2, j2, c4 * j4));
  vec result = (series + 0.5 * a * sum) * scale * INVERSE_TWO_PI;
  // What is left beyond is below exp(-38); its factors may have no bounds.
  return x2 > 40 ? (vec)(0.0) : result;
}

/// R(r), or R(r) - R(-r), for |r| above NEAR_CORRELATION.
INLINE vec near_product(vec r, ramp f, ramp g, const double *nodes, const double *weights, size_t order, bool is_odd) {
  vec size = magnitude(r);
  vec a = at_least(root((1 - size) * (1 + size)), (vec)(0x1p-500));
  vec product = f.threshold * g.threshold;
  ivec is_less = f.threshold < g.threshold;
  vec least = is_less ? f.threshold : g.threshold;
  vec tail = is_less ? g.tail : f.tail, density = is_less ? g.density : f.density;
  vec whole = (size + product) * tail - least * density;
  vec near = magnitude(f.threshold - g.threshold), far = f.threshold + g.threshold;
  if (is_odd) {
    whole += near_integral(size, a, near, product, nodes, weights, order);
    whole -= near_integral(size, a, far, -product, nodes, weights, order);
    return with_sign((vec)(1.0), r) * whole;
  }
  ivec is_negative = r < 0;
  vec integral = near_integral(
    size, a, is_negative ? far : near, is_negative ? -product : product, nodes, weights, order);
  return is_negative ? integral : whole + integral;
}

#define RAMP_CHUNK 256

/// Elements of one kind, gathered so that vectors are full.
typedef struct {
  _Alignas(64) double r[RAMP_CHUNK], threshold[RAMP_CHUNK], tail[RAMP_CHUNK], density[RAMP_CHUNK];
  size_t place[RAMP_CHUNK], count;
} ramp_list;

void FUNCTION(renorm_ramp_products)(
  double *r, size_t count, const double *thresholds, const double *tails, const double *densities,
  double threshold, double tail, double density, const double *nodes, const double *weights, size_t order,
  bool is_odd
) {
  ramp g = {(vec)(threshold), (vec)(tail), (vec)(density)};
  ramp_list lists[2];
  for (size_t start = 0; start < count; start += RAMP_CHUNK) {
    size_t length = smaller(RAMP_CHUNK, count - start);
    lists[0].count = lists[1].count = 0;
    for (size_t i = start; i < start + length; i++) {
      ramp_list *list = &lists[r[i] > NEAR_CORRELATION || r[i] < -NEAR_CORRELATION];
      size_t k = list->count++;
      list->r[k] = r[i], list->place[k] = i;
      list->threshold[k] = thresholds[i], list->tail[k] = tails[i], list->density[k] = densities[i];
    }
    for (int kind = 0; kind < 2; kind++) {
      ramp_list *list = &lists[kind];
      for (size_t k = list->count; k % LANES != 0; k++) {
        list->r[k] = kind, list->threshold[k] = list->tail[k] = list->density[k] = 0;
      }
      for (size_t k = 0; k < list->count; k += LANES) {
        ramp f = {load(list->threshold + k), load(list->tail + k), load(list->density + k)};
        vec v = load(list->r + k);
        v = kind ? near_product(v, f, g, nodes, weights, order, is_odd)
                 : far_product(v, f, g, nodes, weights, order, is_odd);
        store(list->r + k, v);
      }
      for (size_t k = 0; k < list->count; k++) r[list->place[k]] = list->r[k];
    }
  }
}

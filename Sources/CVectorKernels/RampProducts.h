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
// G less its series to x^4, which is integrated exactly. B is below a^3/(4 pi): nothing is left of it at
// LIMIT_CORRELATION.

static const double FAR_CORRELATION = 0.8, NEAR_CORRELATION = 0.925, LIMIT_CORRELATION = 1 - 2e-10;
static const double ROOT_OF_HALF_PI = 0x1.40d931ff62705p+0;
static const double HALF_ROOT_PI = 0x1.c5bf891b4ef6ap-1;

/// Thresholds h >= 0 with Q(h) and phi(h).
typedef struct {
  vec threshold, tail, density;
} ramp;

/// exp(-u) for u >= 0, nearly 0 beyond what counts.
INLINE vec decaying_exponential(vec u) { return exponential_of_minus(u > 708 ? (vec)(708) : u); }

/// The same for any u: at most exp(600).
INLINE vec bounded_exponential(vec u) { return decaying_exponential(at_least(u, (vec)(-600.0))); }

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

/// Q(0) and phi(0).
static const double HALF = 0.5, DENSITY_AT_0 = 0x1.9884533d43651p-2;

INLINE vec end_value(ramp f) { return f.density - f.threshold * f.tail; }

/// The combination of R for |r| at most NEAR_CORRELATION.
INLINE vec far_product(vec r, ramp f, ramp g, const renorm_quadrature *rule, renorm_ramp_kind kind) {
  vec theta = arcsine(r, root((1 - r) * (1 + r))) * (0.25 / INVERSE_TWO_PI);
  vec own = 0.5 * f.threshold * f.threshold, other = 0.5 * g.threshold * g.threshold;
  vec half = own + other, product = f.threshold * g.threshold;
  vec sum = (vec)(0.0);
  for (size_t j = 0; j < rule->order; j++) {
    vec s = sine(theta * (0.5 * (rule->nodes[j] + 1)));
    vec inverse = 1 / (1 - s * s);
    vec e = decaying_exponential((half - product * s) * inverse);
    if (kind == renorm_ramp_odd) e -= decaying_exponential((half + product * s) * inverse);
    if (kind == renorm_ramp_cut) {
      e -= decaying_exponential(own * inverse) + decaying_exponential(other * inverse);
    }
    sum = multiply_add(rule->weights[j] * (r - s), e, sum);
  }
  vec integral = sum * theta * (0.5 * INVERSE_TWO_PI);
  vec tails = f.tail * g.tail;
  if (kind == renorm_ramp_odd) return integral + 2 * r * tails;
  vec ends = end_value(f) * end_value(g);
  if (kind == renorm_ramp_cut) {
    tails -= HALF * (f.tail + g.tail);
    ends -= DENSITY_AT_0 * (end_value(f) + end_value(g));
  }
  return integral + r * tails + ends;
}

/// B(d, p) for r >= NEAR_CORRELATION while it is summed.
typedef struct {
  vec p, x2, scale, series, c2, c4, sum;
} near_part;

INLINE near_part near_begin(vec r, vec a, vec d, vec p) {
  near_part part;
  vec x = d / a * ROOT_OF_HALF, slope;
  x = x > 25 ? (vec)(25.0) : x;
  vec complement = 1 - erf_and_slope(x, &slope);
  vec edge = slope * HALF_ROOT_PI;
  vec d2 = d * d, a2 = a * a;
  vec j0 = a * edge - d * ROOT_OF_HALF_PI * complement;
  vec j2 = (a * a2 * edge - d2 * j0) / 3;
  vec j4 = (a * a2 * a2 * edge - d2 * j2) / 5;
  part.p = p;
  part.x2 = x * x;
  part.scale = bounded_exponential(0.5 * p);
  part.c2 = -0.125 * p - r * (0.125 * (4 - p));
  part.c4 = p * (p - 8) * (1.0 / 128) - r * ((4 - p) * (12 - p) * (1.0 / 128));
  part.series = multiply_add(1 - r, j0, multiply_add(part.c2, j2, part.c4 * j4));
  part.sum = (vec)(0.0);
  return part;
}

/// Adds the quadrature of `count` integrals, of which the first `curved` have p != 0.
INLINE void near_sums(
  near_part *parts, int count, int curved, vec r, vec a, const renorm_quadrature *rule
) {
  vec a2 = a * a;
  for (size_t j = 0; j < rule->order; j++) {
    double share = 0.5 * (rule->nodes[j] + 1);
    double steepness = 1 / (share * share);
    vec y2 = a2 * (share * share);
    vec rho = root(1 - y2), sum_of_one = 1 + rho;
    vec slope = 1 - r / rho;
    vec bend = curved > 0 ? 0.5 * y2 / (sum_of_one * sum_of_one) : (vec)(0.0);
    for (int k = 0; k < count; k++) {
      near_part *part = &parts[k];
      vec exact = k < curved ? slope * bounded_exponential(part->p * bend) : slope;
      vec rest = exact - multiply_add(y2, multiply_add(y2, part->c4, part->c2), 1 - r);
      part->sum = multiply_add(rule->weights[j] * rest, decaying_exponential(part->x2 * steepness), part->sum);
    }
  }
}

INLINE vec near_end(near_part part, vec a) {
  vec result = (part.series + 0.5 * a * part.sum) * part.scale * INVERSE_TWO_PI;
  // What is left beyond is below exp(-38); its factors may have no bounds.
  return part.x2 > 40 ? (vec)(0.0) : result;
}

/// The combination of R for |r| above NEAR_CORRELATION but for B: (r + h k) Q(max) - min phi(max), and 0 for
/// negative r.
INLINE vec near_whole(vec r, ramp f, ramp g, renorm_ramp_kind kind) {
  vec size = magnitude(r);
  ivec is_less = f.threshold < g.threshold, is_negative = r < 0;
  vec least = is_less ? f.threshold : g.threshold;
  vec tail = is_less ? g.tail : f.tail, density = is_less ? g.density : f.density;
  vec whole = (size + f.threshold * g.threshold) * tail - least * density;
  if (kind == renorm_ramp_odd) return with_sign((vec)(1.0), r) * whole;
  if (kind == renorm_ramp_cut) whole -= size * (f.tail + g.tail);
  return is_negative ? (vec)(0.0) : whole;
}

/// The combination of R for |r| above NEAR_CORRELATION.
INLINE vec near_product(vec r, ramp f, ramp g, const renorm_quadrature *rule, renorm_ramp_kind kind) {
  vec size = magnitude(r), whole = near_whole(r, f, g, kind);
  vec a = at_least(root((1 - size) * (1 + size)), (vec)(0x1p-500));
  vec product = f.threshold * g.threshold;
  vec near = magnitude(f.threshold - g.threshold), far = f.threshold + g.threshold;
  if (kind == renorm_ramp_odd) {
    near_part parts[2] = {near_begin(size, a, near, product), near_begin(size, a, far, -product)};
    near_sums(parts, 2, 2, size, a, rule);
    return whole + with_sign((vec)(1.0), r) * (near_end(parts[0], a) - near_end(parts[1], a));
  }
  ivec is_negative = r < 0;
  vec distance = is_negative ? far : near, power = is_negative ? -product : product;
  if (kind == renorm_ramp_cut) {
    near_part parts[3] = {
      near_begin(size, a, distance, power), near_begin(size, a, f.threshold, (vec)(0.0)),
      near_begin(size, a, g.threshold, (vec)(0.0))};
    near_sums(parts, 3, 1, size, a, rule);
    return whole + near_end(parts[0], a) - near_end(parts[1], a) - near_end(parts[2], a);
  }
  near_part part = near_begin(size, a, distance, power);
  near_sums(&part, 1, 1, size, a, rule);
  return whole + near_end(part, a);
}

#define RAMP_CHUNK 256

/// Elements of one kind, gathered so that vectors are full.
typedef struct {
  _Alignas(64) double r[RAMP_CHUNK], threshold[RAMP_CHUNK], tail[RAMP_CHUNK], density[RAMP_CHUNK];
  size_t place[RAMP_CHUNK], count;
} ramp_list;

INLINE void ramp_block(
  double *r, size_t count, const double *thresholds, const double *tails, const double *densities, ramp g,
  const renorm_quadrature *coarse, const renorm_quadrature *fine, renorm_ramp_kind kind
) {
  ramp_list lists[4];
  for (size_t start = 0; start < count; start += RAMP_CHUNK) {
    size_t length = smaller(RAMP_CHUNK, count - start);
    for (int which = 0; which < 4; which++) lists[which].count = 0;
    for (size_t i = start; i < start + length; i++) {
      double size = r[i] < 0 ? -r[i] : r[i];
      int place = (size > FAR_CORRELATION) + (size > NEAR_CORRELATION) + (size > LIMIT_CORRELATION);
      ramp_list *list = &lists[place];
      size_t k = list->count++;
      list->r[k] = r[i], list->place[k] = i;
      list->threshold[k] = thresholds[i], list->tail[k] = tails[i], list->density[k] = densities[i];
    }
    for (int which = 0; which < 4; which++) {
      ramp_list *list = &lists[which];
      for (size_t k = list->count; k % LANES != 0; k++) {
        list->r[k] = which >= 2, list->threshold[k] = list->tail[k] = list->density[k] = 0;
      }
      for (size_t k = 0; k < list->count; k += LANES) {
        ramp f = {load(list->threshold + k), load(list->tail + k), load(list->density + k)};
        vec v = load(list->r + k);
        v = which == 3   ? near_whole(v, f, g, kind)
            : which == 2 ? near_product(v, f, g, fine, kind)
                         : far_product(v, f, g, which == 0 ? coarse : fine, kind);
        store(list->r + k, v);
      }
      for (size_t k = 0; k < list->count; k++) r[list->place[k]] = list->r[k];
    }
  }
}

void FUNCTION(renorm_ramp_products)(
  double *r, size_t count, const double *thresholds, const double *tails, const double *densities,
  double threshold, double tail, double density, const renorm_quadrature *coarse,
  const renorm_quadrature *fine, renorm_ramp_kind kind
) {
  ramp g = {(vec)(threshold), (vec)(tail), (vec)(density)};
  // Constants, so that every kind is compiled by itself.
  switch (kind) {
    case renorm_ramp_plain:
      ramp_block(r, count, thresholds, tails, densities, g, coarse, fine, renorm_ramp_plain);
      break;
    case renorm_ramp_odd:
      ramp_block(r, count, thresholds, tails, densities, g, coarse, fine, renorm_ramp_odd);
      break;
    case renorm_ramp_cut:
      ramp_block(r, count, thresholds, tails, densities, g, coarse, fine, renorm_ramp_cut);
      break;
  }
}

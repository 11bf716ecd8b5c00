// OpenBLAS's cblas.h and gsl/gsl_cblas.h declare the same C interface with different enums and
// cannot be imported together. GSL's vector headers need the latter, so it is the one used here;
// the calls resolve to OpenBLAS, which is linked first.
#ifndef RENORM_CNUMERICS_SHIM_H
#define RENORM_CNUMERICS_SHIM_H

#include <lapacke.h>
#include <gsl/gsl_cblas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_erf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>

void openblas_set_num_threads(int count);
int openblas_get_num_threads(void);

// The two stages of dsytrd_2stage, which LAPACKE does not have alone (LAPACK 3.8 and later). The last argument
// of a Fortran routine is the length of its text.
void dsytrd_sy2sb_(
  const char *triangle, const int *order, const int *bandwidth, double *a, const int *a_stride, double *band,
  const int *band_stride, double *scales, double *work, const int *work_count, int *info, size_t length);
void dsb2st_kernels_(
  const char *triangle, const int *wants_vectors, const int *step, const int *first, const int *last,
  const int *sweep, const int *order, const int *bandwidth, const int *block, double *band,
  const int *band_stride, double *vectors, double *scales, const int *vectors_stride, double *work,
  size_t length);

#endif

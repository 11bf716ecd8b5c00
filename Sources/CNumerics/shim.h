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

#endif

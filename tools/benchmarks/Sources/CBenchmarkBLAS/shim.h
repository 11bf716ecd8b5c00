// Plain BLAS and LAPACK, called without the library in between. GSL's header declares the same C interface as
// OpenBLAS's cblas.h, with which it cannot be imported together.
#ifndef RENORM_BENCHMARK_BLAS_SHIM_H
#define RENORM_BENCHMARK_BLAS_SHIM_H

#include <lapacke.h>
#include <gsl/gsl_cblas.h>

void openblas_set_num_threads(int count);
int openblas_get_num_threads(void);
char *openblas_get_config(void);
char *openblas_get_corename(void);

#endif

#if defined(__x86_64__)

#include <math.h>

#define LANES 8
#define FUNCTION(name) name##_avx2
#define HAS_FMA 1

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "SecondMoments.h"
#include "ErfValues.h"
#include "GaussianSums.h"
#include "RampProducts.h"
#include "SymmetricProducts.h"
#include "SymmetricInverse.h"
#include "Series.h"
#pragma clang attribute pop

#endif

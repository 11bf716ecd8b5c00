// Compiles for any processor. On one of 64-bit Arm, FMA belongs to the baseline.
#define LANES 8
#define FUNCTION(name) name##_baseline
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define HAS_FMA 1
#else
#define HAS_FMA 0
#endif

#include <math.h>

#include "SecondMoments.h"
#include "ErfValues.h"
#include "GaussianSums.h"
#include "RampProducts.h"
#include "SymmetricProducts.h"
#include "SymmetricInverse.h"
#include "Series.h"

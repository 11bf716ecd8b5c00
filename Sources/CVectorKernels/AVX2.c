#if defined(__x86_64__)

#define LANES 8
#define FUNCTION(name) name##_avx2
#define HAS_FMA 1

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "SecondMoments.h"
#include "ErfValues.h"
#include "SymmetricProducts.h"
#pragma clang attribute pop

#endif

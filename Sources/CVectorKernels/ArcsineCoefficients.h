// Made by tools/asin_coefficients.py; do not edit.
//
// (2/pi) asin(w) = w sum_k c_k w^(2k) for w <= sin(pi/8); largest error 0.102 x 2^-52.

#define ARCSINE_C0 0x1.45f306dc9c883p-1
#define ARCSINE_C1 0x1.b2995e7b7f1abp-4
#define ARCSINE_C2 0x1.8723a1cf3077ap-5
#define ARCSINE_C3 0x1.d1a456e1573a1p-6
#define ARCSINE_C4 0x1.3ce48b60768ddp-6
#define ARCSINE_C5 0x1.d2d0356c5a537p-7
#define ARCSINE_C6 0x1.6860fa428d15ep-7
#define ARCSINE_C7 0x1.317f0c7078df6p-7
#define ARCSINE_C8 0x1.4dee5cec48268p-8
#define ARCSINE_C9 0x1.95a9247a0e453p-7

// Made by tools/erf_coefficients.py; do not edit.
//
// erf(x) = x sum_k n_k x^(2k) for x <= 1; largest error 0.097 x 2^-53.
#define ERF_NEAR_0 0x1.20dd750429b6dp+0
#define ERF_NEAR_1 -0x1.812746b03798ep-2
#define ERF_NEAR_2 0x1.ce2f21a03f43dp-4
#define ERF_NEAR_3 -0x1.b82ce311a6cb4p-6
#define ERF_NEAR_4 0x1.565bccefded3bp-8
#define ERF_NEAR_5 -0x1.c02daf02f5a0fp-11
#define ERF_NEAR_6 0x1.f9a2a043e97eep-14
#define ERF_NEAR_7 -0x1.f4c8dd16874ecp-17
#define ERF_NEAR_8 0x1.b972cd380481bp-20
#define ERF_NEAR_9 -0x1.5bbd5af427cebp-23
#define ERF_NEAR_10 0x1.d53f87f99ea03p-27
#define ERF_NEAR_11 -0x1.a67c355182188p-31
//
// erf(x) = 1 - exp(-x^2) sum_k f_k (x - 1)^k for 1 <= x <= 6; largest error 0.159 x 2^-53.
#define ERF_FAR_0 0x1.b5d8780f956b2p-2
#define ERF_FAR_1 -0x1.17c4e3f17bf81p-2
#define ERF_FAR_2 0x1.3c27283c2bb81p-3
#define ERF_FAR_3 -0x1.44837f878494ep-4
#define ERF_FAR_4 0x1.33cad0c4753e0p-5
#define ERF_FAR_5 -0x1.10fceed62bc5bp-6
#define ERF_FAR_6 0x1.c8cb54d2991a0p-8
#define ERF_FAR_7 -0x1.6af068f6523c7p-9
#define ERF_FAR_8 0x1.134711b82ed6ap-10
#define ERF_FAR_9 -0x1.9021bb82211e3p-12
#define ERF_FAR_10 0x1.171610fe67ab2p-13
#define ERF_FAR_11 -0x1.747fbbe63d146p-15
#define ERF_FAR_12 0x1.d65f06adf2cacp-17
#define ERF_FAR_13 -0x1.12b09a6656a53p-18
#define ERF_FAR_14 0x1.1edbe510ac047p-20
#define ERF_FAR_15 -0x1.00bd46598636cp-22
#define ERF_FAR_16 0x1.772b17d7954cdp-25
#define ERF_FAR_17 -0x1.a6b16fc2999d0p-28
#define ERF_FAR_18 0x1.5448214b5541ap-31
#define ERF_FAR_19 -0x1.59620ae4f0c2dp-35
#define ERF_FAR_20 0x1.4a0a3a498b43ep-40

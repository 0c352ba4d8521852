#pragma once
#include "../../tensor/markers.h"

namespace xg {

// gamma multiplies and beta is added at the end; either may be undefined. Epsilon is added to the variance.
struct LayerNormOptions {
    Axes axes = -1;
    double epsilon = 1e-3;
};
/// (x - mean) / deviation along `axes`; gamma and beta have the extents of these axes (Ba et al. 2016).
Tensor layer_norm(const Tensor& x, const Tensor& gamma = {}, const Tensor& beta = {}, LayerNormOptions options = {});
struct RmsNormOptions {
    Axes axes = -1;
    double epsilon = 1e-6;
};
/// x over the root of its mean square along `axes`, times `scale` (Zhang & Sennrich 2019).
Tensor rms_norm(const Tensor& x, const Tensor& scale = {}, RmsNormOptions options = {});
struct GroupNormOptions {
    std::int64_t groups = 32;
    int axis = -1;
    double epsilon = 1e-3;
};
/// Each example's channels (along `axis`) in groups of neighbours, each normalized with all its positions; gamma and
/// beta hold one number a channel (Wu & He 2018). Throws unless the groups are equal.
Tensor group_norm(const Tensor& x, const Tensor& gamma = {}, const Tensor& beta = {}, GroupNormOptions options = {});

struct BatchNormOptions {
    int axis = -1;
    double epsilon = 1e-3;
    Tensor mask = {};  // which entries count, of x's leading axes; the others are normalized all the same
};
struct BatchNormalized {
    Tensor y;
    Tensor mean, variance;  // one a channel, without history; the variance is the mean square, not corrected
};
/// Each channel (along `axis`) normalized over all other axes (Ioffe & Szegedy 2015).
BatchNormalized batch_norm(const Tensor& x, const Tensor& gamma = {}, const Tensor& beta = {},
                           BatchNormOptions options = {});

}  // namespace xg

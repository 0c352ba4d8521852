#pragma once
#include "window.h"

namespace xg {

struct PoolOptions {
    PerAxis strides = {};           // not given: the window's size
    std::string padding = "valid";  // same
};
/// The largest entry of each window of x (batch, one to three spatial axes, channels). Of equal ones the first counts,
/// padding never does.
Tensor max_pool(const Tensor& x, const PerAxis& pool_size, const PoolOptions& options = {});
/// The mean of each window, of what lies inside the image.
Tensor average_pool(const Tensor& x, const PerAxis& pool_size, const PoolOptions& options = {});
/// As many windows of nearly equal size as asked for along each axis, over all of x.
Tensor adaptive_max_pool(const Tensor& x, const PerAxis& output_size);
Tensor adaptive_average_pool(const Tensor& x, const PerAxis& output_size);

}  // namespace xg

#pragma once
#include <string>
#include <vector>
#include "../nn/module.h"

namespace xg {

// Pictures without a server, as (height, width, channels) uint8 for save_png, or as SVG text for write_file.

/// Pictures (n, height, width[, channels]) side by side, `columns` a row (0: about square), `gap` dark pixels between.
Tensor image_grid(const Tensor& pictures, std::int64_t columns = 0, std::int64_t gap = 1);
/// The kernel of a convolution (height, width, in, out), a picture for each output: in colours where `in` is 3, else
/// the mean over the inputs. Each picture is stretched to its own range, 0 at the middle grey.
Tensor filter_grid(const Tensor& kernel, std::int64_t columns = 0);

/// A confusion matrix with its counts, the diagonal in one hue and the mistakes in another.
std::string confusion_svg(const Tensor& matrix, const std::vector<std::string>& names = {});
/// The mean and largest size of each parameter's gradient, where learning dies out or explodes; after backward().
std::string gradient_flow_svg(const Module& module);

}  // namespace xg

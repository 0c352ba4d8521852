#include "random_image.h"
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"
#include "draw.h"

namespace xg {

using detail::batched_images, detail::both_sides, detail::draw, detail::unbatched_images;

std::pair<double, double> detail::both_sides(const char* layer, const char* name, const std::vector<double>& factor) {
    require<std::invalid_argument>(factor.size() == 1 || factor.size() == 2, "{}: expected one {} or two, got {}",
                                   layer, name, factor.size());
    const double lower = factor.size() == 1 ? -std::fabs(factor[0]) : std::min(factor[0], factor[1]),
                 upper = factor.size() == 1 ? std::fabs(factor[0]) : std::max(factor[0], factor[1]);
    require<std::invalid_argument>(-1 <= lower && upper <= 1, "{}: expected a {} in [-1, 1], got {} to {}", layer, name,
                                   lower, upper);
    return {lower, upper};
}

namespace {
/// One number an image, (batch, 1, 1, 1).
Tensor one_each(RandomKey key, const Tensor& images, std::pair<double, double> range) {
    return uniform(key, {images.shape()[0], 1, 1, 1}, range.first, range.second, images.dtype());
}
}  // namespace

template <class F> void fields(RandomFlipOptions& o, F&& field) {
    field("mode", o.mode);
    field("seed", o.seed);
}
RandomFlip::RandomFlip(RandomFlipOptions options) : options_(std::move(options)) {
    const auto& mode = options_.mode;
    require<std::invalid_argument>(mode == "horizontal" || mode == "vertical" || mode == "horizontal_and_vertical",
                                   "RandomFlip: expected mode horizontal, vertical or horizontal_and_vertical, got {}",
                                   mode);
}
Tensor RandomFlip::forward(const Tensor& images) {
    const Tensor x = batched_images(images);
    if (!Training::on()) return unbatched_images(x, images);
    Tensor y = x;
    // As in Keras one throw decides about both ways.
    const Tensor flips = bernoulli(draw(options_.seed, calls_), {x.shape()[0], 1, 1, 1}, 0.5);
    if (options_.mode != "vertical") y = where(flips, flip(y, 2), y);
    if (options_.mode != "horizontal") y = where(flips, flip(y, 1), y);
    return unbatched_images(y, images);
}
void RandomFlip::describe(Config& config) const { write(config, options_); }
RandomFlip RandomFlip::from_config(const Config& config) {
    return RandomFlip(read<RandomFlipOptions>("RandomFlip", config));
}

template <class F> void fields(RandomCropOptions& o, F&& field) {
    field("height", o.height);
    field("width", o.width);
    field("seed", o.seed);
}
RandomCrop::RandomCrop(RandomCropOptions options) : options_(options) {
    require<std::invalid_argument>(options.height > 0 && options.width > 0,
                                   "RandomCrop: expected height and width > 0, got {} and {}", options.height,
                                   options.width);
}
Tensor RandomCrop::forward(const Tensor& images) {
    const auto& o = options_;
    const Tensor x = batched_images(images);
    const auto down = x.shape()[1] - o.height, across = x.shape()[2] - o.width;
    if (!Training::on() || down < 0 || across < 0) return unbatched_images(detail::fit(x, o.height, o.width), images);
    const auto key = draw(o.seed, calls_);
    const Tensor at = uniform(key, {2}, 0, 1, f64);
    const auto top = std::int64_t(at.raw<double>()[0] * double(down + 1)),
               left = std::int64_t(at.raw<double>()[1] * double(across + 1));
    return unbatched_images(detail::cut(x, top, left, o.height, o.width), images);
}
void RandomCrop::describe(Config& config) const { write(config, options_); }
RandomCrop RandomCrop::from_config(const Config& config) {
    return RandomCrop(read<RandomCropOptions>("RandomCrop", config));
}

template <class F> void fields(RandomColorOptions& o, F&& field) {
    field("factor", o.factor);
    field("value_range", o.value_range);
    field("seed", o.seed);
}
namespace {
void require_range(const char* layer, const std::vector<double>& range) {
    require<std::invalid_argument>(range.size() == 2 && range[0] < range[1],
                                   "{}: expected value_range {{low, high}}, got {} numbers", layer, range.size());
}
}  // namespace
RandomContrast::RandomContrast(RandomColorOptions options) : options_(std::move(options)) {
    const auto& f = options_.factor;
    require<std::invalid_argument>(f.size() == 1 || f.size() == 2, "RandomContrast: expected one factor or two, got {}",
                                   f.size());
    for (const double each : f)
        require<std::invalid_argument>(0 <= each && each <= 1, "RandomContrast: expected factors in [0, 1], got {}",
                                       each);
    require_range("RandomContrast", options_.value_range);
}
Tensor RandomContrast::forward(const Tensor& images) {
    const Tensor x = batched_images(images);
    if (!Training::on()) return unbatched_images(x, images);
    // A single number is the upper bound alone, as in Keras 3.15: its lower one is cut off at 0.
    const double upper = std::max(options_.factor.front(), options_.factor.back()),
                 below = options_.factor.size() == 1 ? 0 : std::min(options_.factor[0], options_.factor[1]);
    const Tensor f = one_each(draw(options_.seed, calls_), x, {1 - below, 1 + upper});
    const Tensor middle = mean(x, {1, 2}, {.keepdims = true});
    return unbatched_images(clip((x - middle) * f + middle, options_.value_range[0], options_.value_range[1]), images);
}
void RandomContrast::describe(Config& config) const { write(config, options_); }
RandomContrast RandomContrast::from_config(const Config& config) {
    return RandomContrast(read<RandomColorOptions>("RandomContrast", config));
}

RandomBrightness::RandomBrightness(RandomColorOptions options) : options_(std::move(options)) {
    both_sides("RandomBrightness", "factor", options_.factor);
    require_range("RandomBrightness", options_.value_range);
}
Tensor RandomBrightness::forward(const Tensor& images) {
    const Tensor x = batched_images(images);
    if (!Training::on()) return unbatched_images(x, images);
    const auto range = both_sides("RandomBrightness", "factor", options_.factor);
    const double low = options_.value_range[0], high = options_.value_range[1];
    return unbatched_images(clip(x + one_each(draw(options_.seed, calls_), x, range) * (high - low), low, high),
                            images);
}
void RandomBrightness::describe(Config& config) const { write(config, options_); }
RandomBrightness RandomBrightness::from_config(const Config& config) {
    return RandomBrightness(read<RandomColorOptions>("RandomBrightness", config));
}

}  // namespace xg

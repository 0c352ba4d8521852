#include "random_warp.h"
#include <cmath>
#include <numbers>
#include "../../autograd/ops/layout.h"
#include "../config.h"
#include "draw.h"
#include "warp.h"

namespace xg {

using detail::batched_images, detail::both_sides, detail::draw, detail::unbatched_images;

namespace {
void require_warp(const char* layer, const std::string& fill_mode, const std::string& interpolation) {
    require<std::invalid_argument>(
        fill_mode == "reflect" || fill_mode == "wrap" || fill_mode == "constant" || fill_mode == "nearest",
        "{}: expected fill_mode reflect, wrap, constant or nearest, got {}", layer, fill_mode);
    require<std::invalid_argument>(interpolation == "bilinear" || interpolation == "nearest",
                                   "{}: expected interpolation bilinear or nearest, got {}", layer, interpolation);
}
}  // namespace

template <class F> void fields(RandomRotationOptions& o, F&& field) {
    field("factor", o.factor);
    field("fill_mode", o.fill_mode);
    field("interpolation", o.interpolation);
    field("seed", o.seed);
    field("fill_value", o.fill_value);
}
RandomRotation::RandomRotation(RandomRotationOptions options) : options_(std::move(options)) {
    both_sides("RandomRotation", "factor", options_.factor);
    require_warp("RandomRotation", options_.fill_mode, options_.interpolation);
}
Tensor RandomRotation::forward(const Tensor& images) {
    const Tensor x = batched_images(images);
    if (!Training::on()) return unbatched_images(x, images);
    const auto [lower, upper] = both_sides("RandomRotation", "factor", options_.factor);
    const Tensor turns = uniform(draw(options_.seed, calls_), {x.shape()[0]}, lower, upper, f64);
    const double middle_x = double(x.shape()[2] - 1) / 2, middle_y = double(x.shape()[1] - 1) / 2;
    std::vector<detail::Affine> maps;
    for (const double turn : turns.data<double>()) {
        const double c = std::cos(2 * std::numbers::pi * turn), s = std::sin(2 * std::numbers::pi * turn);
        maps.push_back({c, -s, middle_x - c * middle_x + s * middle_y, s, c, middle_y - s * middle_x - c * middle_y});
    }
    return unbatched_images(detail::warp(x, maps, options_.fill_mode, options_.interpolation, options_.fill_value),
                            images);
}
void RandomRotation::describe(Config& config) const { write(config, options_); }
RandomRotation RandomRotation::from_config(const Config& config) {
    return RandomRotation(read<RandomRotationOptions>("RandomRotation", config));
}

template <class F> void fields(RandomShiftOptions& o, F&& field) {
    field("height_factor", o.height_factor);
    field("width_factor", o.width_factor);
    field("fill_mode", o.fill_mode);
    field("interpolation", o.interpolation);
    field("seed", o.seed);
    field("fill_value", o.fill_value);
}
RandomZoom::RandomZoom(RandomShiftOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    both_sides("RandomZoom", "height_factor", o.height_factor);
    if (!o.width_factor.empty()) both_sides("RandomZoom", "width_factor", o.width_factor);
    require_warp("RandomZoom", o.fill_mode, o.interpolation);
}
Tensor RandomZoom::forward(const Tensor& images) {
    const auto& o = options_;
    const Tensor x = batched_images(images);
    if (!Training::on()) return unbatched_images(x, images);
    const auto down = both_sides("RandomZoom", "height_factor", o.height_factor);
    const auto across = o.width_factor.empty() ? down : both_sides("RandomZoom", "width_factor", o.width_factor);
    const auto batch = x.shape()[0];
    const Tensor draws = uniform(draw(o.seed, calls_), {2, batch}, 0, 1, f64);
    const auto between = [&](std::pair<double, double> range, std::int64_t row, std::int64_t i) {
        return 1 + range.first + (range.second - range.first) * draws.raw<double>()[row * batch + i];
    };
    std::vector<detail::Affine> maps;
    for (std::int64_t i = 0; i < batch; ++i) {
        const double v = between(down, 0, i), h = o.width_factor.empty() ? v : between(across, 1, i);
        maps.push_back({h, 0, double(x.shape()[2] - 1) / 2 * (1 - h), 0, v, double(x.shape()[1] - 1) / 2 * (1 - v)});
    }
    return unbatched_images(detail::warp(x, maps, o.fill_mode, o.interpolation, o.fill_value), images);
}
void RandomZoom::describe(Config& config) const { write(config, options_); }
RandomZoom RandomZoom::from_config(const Config& config) {
    return RandomZoom(read<RandomShiftOptions>("RandomZoom", config));
}

RandomTranslation::RandomTranslation(RandomShiftOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    for (const auto* name : {"height_factor", "width_factor"})
        both_sides("RandomTranslation", name, *name == 'h' ? o.height_factor : o.width_factor);
    require_warp("RandomTranslation", o.fill_mode, o.interpolation);
}
Tensor RandomTranslation::forward(const Tensor& images) {
    const auto& o = options_;
    const Tensor x = batched_images(images);
    if (!Training::on()) return unbatched_images(x, images);
    const auto down = both_sides("RandomTranslation", "height_factor", o.height_factor),
               across = both_sides("RandomTranslation", "width_factor", o.width_factor);
    const auto batch = x.shape()[0];
    const Tensor draws = uniform(draw(o.seed, calls_), {2, batch}, 0, 1, f64);
    const auto between = [&](std::pair<double, double> range, std::int64_t row, std::int64_t i) {
        return range.first + (range.second - range.first) * draws.raw<double>()[row * batch + i];
    };
    std::vector<detail::Affine> maps;
    for (std::int64_t i = 0; i < batch; ++i)
        maps.push_back(
            {1, 0, -between(across, 1, i) * double(x.shape()[2]), 0, 1, -between(down, 0, i) * double(x.shape()[1])});
    return unbatched_images(detail::warp(x, maps, o.fill_mode, o.interpolation, o.fill_value), images);
}
void RandomTranslation::describe(Config& config) const { write(config, options_); }
RandomTranslation RandomTranslation::from_config(const Config& config) {
    return RandomTranslation(read<RandomShiftOptions>("RandomTranslation", config));
}

}  // namespace xg

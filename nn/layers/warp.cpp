#include "warp.h"
#include <algorithm>
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/indexing.h"
#include "../../autograd/ops/layout.h"

namespace xg::detail {

namespace {
/// A coordinate within the image; with "constant" as it is.
double inside(double at, std::int64_t extent, const std::string& fill_mode) {
    const auto n = double(extent);
    if (fill_mode == "constant") return at;
    if (fill_mode == "reflect") {
        // a b c | c b a: over the edge by half a pixel and back.
        const double period = 2 * n;
        double folded = at + 0.5 - period * std::floor((at + 0.5) / period);
        if (folded > n) folded = period - folded;
        at = folded - 0.5;
    }
    if (fill_mode == "wrap" && (at < 0 || at > n - 1)) at -= n * std::floor(at / n);
    return std::clamp(at, 0.0, n - 1);
}
}  // namespace

Tensor warp(const Tensor& images, const std::vector<Affine>& maps, const std::string& fill_mode,
            const std::string& interpolation, double fill_value) {
    const auto batch = images.shape()[0], height = images.shape()[1], width = images.shape()[2],
               channels = images.shape()[3], pixels = batch * height * width;
    const bool nearest = interpolation == "nearest";
    const int corners = nearest ? 1 : 4;
    // Each pixel is a weighted sum of up to four others; what stands beyond the edge is left to `beyond`.
    std::vector<std::int64_t> from(std::size_t(corners * pixels));
    std::vector<double> weight(from.size()), beyond(std::size_t(pixels), 0);
    for (std::int64_t i = 0, p = 0; i < batch; ++i)
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x, ++p) {
                const Affine& m = maps[std::size_t(i)];
                const double across = inside(m.a * double(x) + m.b * double(y) + m.c, width, fill_mode),
                             down = inside(m.d * double(x) + m.e * double(y) + m.f, height, fill_mode);
                for (int k = 0; k < corners; ++k) {
                    const double left = nearest ? std::round(across) : std::floor(across) + k % 2,
                                 top = nearest ? std::round(down) : std::floor(down) + k / 2;
                    double w = nearest ? 1 : (1 - std::fabs(across - left)) * (1 - std::fabs(down - top));
                    const bool there = 0 <= left && left < double(width) && 0 <= top && top < double(height);
                    if (!there) beyond[std::size_t(p)] += w * fill_value, w = 0;
                    const auto at = std::size_t(k * pixels + p);
                    from[at] = there ? (i * height + std::int64_t(top)) * width + std::int64_t(left) : 0;
                    weight[at] = w;
                }
            }
    const Tensor rows = reshape(images, {pixels, channels});
    Tensor y = Tensor::of<double>({pixels, 1}, beyond).to(images.dtype());
    for (int k = 0; k < corners; ++k) {
        const auto part = std::size_t(k * pixels), n = std::size_t(pixels);
        const Tensor index = Tensor::of<std::int64_t>({pixels}, std::span<const std::int64_t>(from).subspan(part, n)),
                     w = Tensor::of<double>({pixels, 1}, std::span<const double>(weight).subspan(part, n));
        y = y + take(rows, index) * w.to(images.dtype());
    }
    return reshape(y, images.shape());
}

}  // namespace xg::detail

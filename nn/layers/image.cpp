#include "image.h"
#include <cmath>
#include <numbers>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../config.h"

namespace xg {

namespace {
double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }
/// How much a pixel that far from the point counts.
struct Kernel {
    double radius;
    double (*weight)(double);
};
Kernel kernel_named(const std::string& name) {
    if (name == "bilinear") return {1, [](double d) { return 1 - d; }};
    if (name == "lanczos3") return {3, [](double d) { return sinc(d) * sinc(d / 3); }};
    if (name == "lanczos5") return {5, [](double d) { return sinc(d) * sinc(d / 5); }};
    require<std::invalid_argument>(
        name == "bicubic",
        "Resizing: expected interpolation nearest, bilinear, bicubic, lanczos3, lanczos5 or area, got {}", name);
    // Keys 1981 with a = -1/2.
    return {2, [](double d) { return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2; }};
}
/// (to, from): what each new pixel takes of the old ones along one axis. Beyond the edges there is nothing: what is
/// left of the weights makes up for it.
Tensor weights_along(std::int64_t from, std::int64_t to, const ResizingOptions& o, DType dtype) {
    const double scale = double(from) / double(to);
    std::vector<double> w(std::size_t(from * to), 0);
    for (std::int64_t i = 0; i < to; ++i) {
        double* row = w.data() + i * from;
        if (o.interpolation == "nearest") {
            row[std::min(from - 1, std::int64_t(std::floor((double(i) + 0.5) * scale)))] = 1;
            continue;
        }
        if (o.interpolation == "area") {  // the mean of what the new pixel covers
            const double begin = double(i) * scale, end = begin + scale;
            for (auto k = std::int64_t(begin); k < from && double(k) < end; ++k)
                row[k] = (std::min(end, double(k + 1)) - std::max(begin, double(k))) / scale;
            continue;
        }
        const Kernel kernel = kernel_named(o.interpolation);
        const double stretch = o.antialias ? std::max(1.0, scale) : 1;
        double at = (double(i) + 0.5) * scale - 0.5;
        // Keras on TensorFlow takes these weights from a table of 1024 steps a pixel.
        if (o.interpolation == "bicubic" && !o.antialias) at = std::nearbyint(at * 1024) / 1024;
        const double reach = kernel.radius * stretch;
        double total = 0;
        const auto first = std::int64_t(std::ceil(at - reach)), last = std::int64_t(std::floor(at + reach));
        for (std::int64_t k = first; k <= last; ++k) {
            const double d = std::fabs(double(k) - at) / stretch;
            if (d >= kernel.radius || k < 0 || k >= from) continue;
            row[k] += kernel.weight(d), total += kernel.weight(d);
        }
        for (std::int64_t k = 0; k < from; ++k) row[k] /= total;
    }
    return Tensor::of<double>({to, from}, w).to(dtype);
}
template <class Options> void require_size(const char* layer, const Options& o) {
    require<std::invalid_argument>(o.height > 0 && o.width > 0, "{}: expected height and width > 0, got {} and {}",
                                   layer, o.height, o.width);
    require<std::invalid_argument>(o.data_format == "channels_last" || o.data_format == "channels_first",
                                   "{}: expected data_format channels_last or channels_first, got \"{}\"", layer,
                                   o.data_format);
}
/// f of images whose channels come last.
template <class F> Tensor with_channels_last(const Tensor& images, const std::string& data_format, const F& f) {
    if (data_format == "channels_last" || images.rank() < 3) return f(images);
    return moveaxis(f(moveaxis(images, -3, -1)), -1, -3);
}
}  // namespace

Tensor detail::batched_images(const Tensor& images) {
    const int rank = images.rank();
    require((rank == 3 || rank == 4) && (images.numel() > 0 || (rank == 4 && images.shape()[0] == 0)),
            "expected images (batch, height, width, channels), got {}", images.shape());
    const Tensor x = detail::as_float(images);
    return x.rank() == 4 ? x : expand_dims(x, 0);
}
Tensor detail::unbatched_images(const Tensor& y, const Tensor& images) {
    return images.rank() == 4 ? y : squeeze(y, 0);
}
Tensor detail::cut(const Tensor& x, std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width) {
    return x(all, Slice(top, top + height), Slice(left, left + width), all);
}
Tensor detail::resize(const Tensor& images, const ResizingOptions& o) {
    const auto batch = images.shape()[0], height = images.shape()[1], width = images.shape()[2],
               channels = images.shape()[3];
    const Tensor down = weights_along(height, o.height, o, images.dtype()),
                 across = weights_along(width, o.width, o, images.dtype());
    const Tensor y = matmul(down, reshape(images, {batch, height, width * channels}));
    return reshape(matmul(across, reshape(y, {batch * o.height, width, channels})),
                   {batch, o.height, o.width, channels});
}
namespace {
struct Window {
    std::int64_t top, left, height, width;
};
/// The largest middle of an image in the proportions of `to`.
Window middle(std::int64_t height, std::int64_t width, std::int64_t to_height, std::int64_t to_width) {
    const auto h = std::max<std::int64_t>(std::min(height, width * to_height / to_width), 1),
               w = std::max<std::int64_t>(std::min(width, height * to_width / to_height), 1);
    return {(height - h) / 2, (width - w) / 2, h, w};
}
}  // namespace
Tensor detail::fit(const Tensor& images, std::int64_t height, std::int64_t width) {
    const Window m = middle(images.shape()[1], images.shape()[2], height, width);
    return resize(cut(images, m.top, m.left, m.height, m.width), {.height = height, .width = width});
}

template <class F> void fields(ResizingOptions& o, F&& field) {
    field("height", o.height);
    field("width", o.width);
    field("interpolation", o.interpolation);
    field("crop_to_aspect_ratio", o.crop_to_aspect_ratio);
    field("pad_to_aspect_ratio", o.pad_to_aspect_ratio);
    field("fill_value", o.fill_value);
    field("antialias", o.antialias);
    field("data_format", o.data_format);
}
template <class F> void fields(CenterCropOptions& o, F&& field) {
    field("height", o.height);
    field("width", o.width);
    field("data_format", o.data_format);
}

Resizing::Resizing(std::int64_t height, std::int64_t width, ResizingOptions options) : options_(std::move(options)) {
    options_.height = height, options_.width = width;
    require_size("Resizing", options_);
    if (options_.interpolation != "nearest" && options_.interpolation != "area") kernel_named(options_.interpolation);
    require<std::invalid_argument>(!options_.crop_to_aspect_ratio || !options_.pad_to_aspect_ratio,
                                   "Resizing: expected crop_to_aspect_ratio or pad_to_aspect_ratio, got both");
}
Tensor Resizing::forward(const Tensor& images) {
    return with_channels_last(images, options_.data_format, [&](const Tensor& x) { return resized(x); });
}
Tensor Resizing::resized(const Tensor& images) const {
    const auto& o = options_;
    Tensor x = detail::batched_images(images);
    const auto height = x.shape()[1], width = x.shape()[2];
    if (o.crop_to_aspect_ratio) {
        const Window m = middle(height, width, o.height, o.width);
        x = detail::cut(x, m.top, m.left, m.height, m.width);
    }
    if (o.pad_to_aspect_ratio) {
        const auto above = (std::max(height, width * o.height / o.width) - height) / 2,
                   beside = (std::max(width, height * o.width / o.height) - width) / 2;
        x = pad(x, {{}, {above, above}, {beside, beside}, {}}, o.fill_value);
    }
    Tensor y = detail::unbatched_images(detail::resize(x, o), images);
    if (is_float(images.dtype())) return y;
    return clip(round(y), images.dtype() == u8 ? 0 : -2147483648.0, images.dtype() == u8 ? 255 : 2147483520.0)
        .to(images.dtype());
}
void Resizing::describe(Config& config) const { write(config, options_); }
Resizing Resizing::from_config(const Config& config) {
    const auto options = read<ResizingOptions>("Resizing", config);
    return Resizing(options.height, options.width, options);
}

CenterCrop::CenterCrop(std::int64_t height, std::int64_t width, CenterCropOptions options)
    : options_(std::move(options)) {
    options_.height = height, options_.width = width;
    require_size("CenterCrop", options_);
}
Tensor CenterCrop::forward(const Tensor& images) {
    return with_channels_last(images, options_.data_format, [&](const Tensor& x) { return cropped(x); });
}
Tensor CenterCrop::cropped(const Tensor& images) const {
    const auto& o = options_;
    const Tensor x = detail::batched_images(images);
    const auto down = x.shape()[1] - o.height, across = x.shape()[2] - o.width;
    const bool fits = down >= 0 && across >= 0;
    return detail::unbatched_images(
        fits ? detail::cut(x, down / 2, across / 2, o.height, o.width) : detail::fit(x, o.height, o.width), images);
}
void CenterCrop::describe(Config& config) const { write(config, options_); }
CenterCrop CenterCrop::from_config(const Config& config) {
    const auto options = read<CenterCropOptions>("CenterCrop", config);
    return CenterCrop(options.height, options.width, options);
}

}  // namespace xg

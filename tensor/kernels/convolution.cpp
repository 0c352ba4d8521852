#include "convolution.h"
#include <atomic>
#include <optional>
#include "direct_convolution.h"
#include "epilogue.h"
#include "first_layer.h"
#include "onednn.h"
#include "parts.h"
#include "winograd.h"

namespace xg::kernel {

namespace {
std::atomic<bool> winograd_allowed{true};
bool by_winograd(const Convolution& c) { return winograd_allowed.load(std::memory_order_relaxed) && winograd::fits(c); }

/// The batch cut where the sizes say, whoever computes it: results near half a megabyte, which stay in cache until they
/// are finished.
struct Pieces {
    explicit Pieces(const Convolution& c, std::size_t element)
        : batch(c.batch),
          images(std::clamp<std::int64_t>((1 << 19) / std::max<std::int64_t>(1, c.result() * std::int64_t(element)), 1,
                                          std::max<std::int64_t>(1, (batch + 3) / 4))) {}
    std::int64_t count() const { return (batch + images - 1) / images; }
    /// Calls f(first image, number of images), on all threads; `cost` is nanoseconds an image.
    template <class F> void each(double cost, const F& f) const {
        parallel(count(), cost * double(images), [&](std::int64_t piece, std::int64_t end) {
            for (; piece < end; ++piece) f(piece * images, std::min(images, batch - piece * images));
        });
    }
    std::int64_t batch, images;
};
/// A pass over pieces of a batch: oneDNN's where it has one for float32, else plain loops.
template <class T> class Passes {
public:
    Passes(onednn::Pass pass, const Convolution& c, const Pieces& pieces, const T* kernel)
        : c_(c), pass_(pass), kernel_(kernel), images_(pieces.images) {
        if constexpr (sizeof(T) == 4) {
            whole_.emplace(pass, c, std::min(pieces.images, pieces.batch), kernel);
            if (pieces.batch % pieces.images) rest_.emplace(pass, c, pieces.batch % pieces.images, kernel);
        }
    }
    void operator()(T* to, const T* from, std::int64_t images) const {
        if constexpr (sizeof(T) == 4) {
            const auto& fast = images == images_ || !rest_ ? *whole_ : *rest_;
            if (fast) return fast(to, from);
        }
        if (pass_ == onednn::Pass::forward) direct::forward(to, from, kernel_, c_, images);
        else direct::input(to, from, kernel_, c_, images);
    }

private:
    const Convolution& c_;
    onednn::Pass pass_;
    const T* kernel_;
    std::int64_t images_;
    std::optional<onednn::Convolver> whole_, rest_;
};
/// dk of some images.
template <class T> void kernel_gradient(T* dk, const T* x, const T* dy, const Convolution& c, std::int64_t images) {
    if constexpr (sizeof(T) == 4)
        if (const onednn::Convolver fast(onednn::Pass::kernel, c, images, nullptr); images > 0 && fast)
            return fast(dk, x, dy);
    direct::kernel(dk, x, dy, c, images);
}
template <class T> double ns_per_image(const Convolution& c) { return c.work() * (sizeof(T) == 4 ? 0.01 : 0.5); }

/// In how many parts the gradient of the weights is summed up.
std::int64_t part_count(const Convolution& c, double ns) {
    const auto most = std::clamp<std::int64_t>(c.batch, 1, 4);
    return std::clamp<std::int64_t>(std::int64_t(ns * double(c.batch) / 20000), 1, most);
}
template <class T, class F>
void sum_over_batch(T* out, std::int64_t size, const Convolution& c, double ns, const F& f) {
    const auto parts = part_count(c, ns);
    sum_parts(out, size, parts, ns * double(c.batch) / double(parts), [&](std::int64_t part, T* buffer) {
        const auto first = c.batch * part / parts, last = c.batch * (part + 1) / parts;
        f(buffer, first, last - first);
    });
}
}  // namespace

void allow_winograd(bool on) { winograd_allowed = on; }

template <class T>
void convolve(T* y, std::uint8_t* from, const T* x, const T* kernel, const T* bias, const Convolution& c, Epilogue e) {
    if (c.batch == 0) return;
    if constexpr (sizeof(T) == 4) {
        if (by_winograd(c)) return winograd::forward(y, from, x, kernel, bias, c, e);
        if (first_layer::fits(c)) return first_layer::forward(y, from, x, kernel, bias, c, e);
    }
    const auto size = result_of(c, e);
    const Pieces pieces(c, sizeof(T));
    const Passes<T> pass(onednn::Pass::forward, c, pieces, kernel);
    pieces.each(ns_per_image<T>(c), [&](std::int64_t first, std::int64_t images) {
        const Tensor unpooled = Tensor::empty({e.pool ? images * c.result() : 0}, dtype_of<T>);
        T *to = y + first * size, *sums = e.pool ? unpooled.raw<T>() : to;
        pass(sums, x + first * c.image(), images);
        if (!e.pool) {
            if (bias || e.relu) finish(to, bias, images * c.out_pixels(), c.out_channels, e.relu);
            return;
        }
        for (std::int64_t n = 0; n < images; ++n)
            finish_pooled(to + n * size, from + (first + n) * size, sums + n * c.result(), bias, c, e.relu);
    });
}

template <class T> void convolve_back(ConvolutionGradients<T> to, const T* dy, const T* y, const std::uint8_t* from,
                                      const T* x, const T* kernel, const Convolution& c, Epilogue e) {
    if constexpr (sizeof(T) == 4) {
        if (by_winograd(c)) return winograd::back(to, dy, y, from, x, kernel, c, e);
        if (first_layer::fits(c)) {
            if (to.kernel || to.bias) first_layer::back(to.kernel, to.bias, dy, y, from, x, c, e);
            to.kernel = to.bias = nullptr;
        }
    }
    if (!to.x && !to.kernel && !to.bias) return;
    const double ns = ns_per_image<T>(c);
    Tensor opened;
    if (e.relu || e.pool) {
        opened = Tensor::empty({c.batch * c.result()}, dtype_of<T>);
        const auto size = result_of(c, e);
        parallel(c.batch, 0.5 * double(c.result()), [&](std::int64_t n, std::int64_t end) {
            for (; n < end; ++n)
                open(opened.raw<T>() + n * c.result(), dy + n * size, e.relu ? y + n * size : y,
                     e.pool ? from + n * size : from, c, e);
        });
        dy = opened.raw<T>();
    }
    if (to.bias)
        sum_over_batch(to.bias, c.out_channels, c, 0.1 * double(c.result()),
                       [&](T* sum, std::int64_t first, std::int64_t images) {
                           add_rows(sum, dy + first * c.result(), images * c.out_pixels(), c.out_channels);
                       });
    if (to.kernel)
        sum_over_batch(to.kernel, c.kernel(), c, ns, [&](T* sum, std::int64_t first, std::int64_t images) {
            kernel_gradient(sum, x + first * c.image(), dy + first * c.result(), c, images);
        });
    if (to.x && c.batch > 0) {
        const Pieces pieces(c, sizeof(T));
        const Passes<T> pass(onednn::Pass::input, c, pieces, kernel);
        pieces.each(ns, [&](std::int64_t first, std::int64_t images) {
            pass(to.x + first * c.image(), dy + first * c.result(), images);
        });
    }
}

template void convolve(float*, std::uint8_t*, const float*, const float*, const float*, const Convolution&, Epilogue);
template void convolve(double*, std::uint8_t*, const double*, const double*, const double*, const Convolution&,
                       Epilogue);
template void convolve_back(ConvolutionGradients<float>, const float*, const float*, const std::uint8_t*, const float*,
                            const float*, const Convolution&, Epilogue);
template void convolve_back(ConvolutionGradients<double>, const double*, const double*, const std::uint8_t*,
                            const double*, const double*, const Convolution&, Epilogue);

}  // namespace xg::kernel

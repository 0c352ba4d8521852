#include "winograd.h"
#include <libxsmm.h>
#include <cstring>
#include "parts.h"
#include "pooled_vectors.h"
#include "transpose.h"
#include "winograd_transforms.h"

namespace xg::kernel::winograd {

namespace {
/// Row-major c (m, n) = op(a) b, or c += it.
class Product {
public:
    Product(std::int64_t m, std::int64_t n, std::int64_t k, bool transpose_a, bool add)
        : m_(m), n_(n), k_(k), transpose_a_(transpose_a), add_(add) {
        // LIBXSMM is column-major, so it sees c^T = b^T op(a)^T.
        const int ldb = int(n), lda = int(transpose_a ? m : k);
        const float one = 1, beta = add ? 1 : 0;
        const int flags = transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
        code_ = libxsmm_smmdispatch(int(n), int(m), int(k), &ldb, &lda, &ldb, &one, &beta, &flags, nullptr);
    }
    void operator()(float* c, const float* a, const float* b) const {
        if (code_) return code_(b, a, c);
        if (!add_) std::fill_n(c, m_ * n_, 0.f);
        for (std::int64_t i = 0; i < m_; ++i)
            for (std::int64_t p = 0; p < k_; ++p) {
                const float factor = transpose_a_ ? a[p * m_ + i] : a[i * k_ + p];
                for (std::int64_t j = 0; j < n_; ++j) c[i * n_ + j] += factor * b[p * n_ + j];
            }
    }

private:
    std::int64_t m_, n_, k_;
    bool transpose_a_, add_;
    libxsmm_smmfunction code_;
};

/// Images of one size, channels last.
struct Grid {
    std::int64_t rows, columns, channels;

    std::int64_t image() const { return rows * columns * channels; }
    /// The addresses of n x n pixels from (row, column) on; `outside` for those that are not there.
    template <int n, class P> void addresses(P** to, P* images, std::int64_t image_index, std::int64_t row,
                                             std::int64_t column, P* outside) const {
        P* const first = images + image_index * image();
        for (int i = 0; i < n; ++i)
            for (int j = 0; j < n; ++j) {
                const auto r = row + i, c = column + j;
                const bool inside = r >= 0 && r < rows && c >= 0 && c < columns;
                to[i * n + j] = inside ? first + (r * columns + c) * channels : outside;
            }
    }
};
/// The 4 x 4 tiles over images of one size, numbered through all of them.
struct Tiles {
    explicit Tiles(const Grid& g) : down((g.rows + 3) / 4), across((g.columns + 3) / 4) {}
    std::int64_t per_image() const { return down * across; }
    std::int64_t image(std::int64_t t) const { return t / per_image(); }
    std::int64_t row(std::int64_t t) const { return t % per_image() / across * 4; }
    std::int64_t column(std::int64_t t) const { return t % across * 4; }
    std::int64_t down, across;
};
struct Range {
    std::int64_t first, count;
};

/// 36 matrices (tiles, channels); their distance is padded, as they must not share cache sets.
struct Planes {
    Planes(float* data, std::int64_t tiles, std::int64_t width)
        : p(data), channels(width), distance(tiles * width + 16) {}
    static std::int64_t size(std::int64_t tiles, std::int64_t channels) { return 36 * (tiles * channels + 16); }
    float* at(int i, int j, std::int64_t tile, std::int64_t channel) const {
        return p + (i * 6 + j) * distance + tile * channels + channel;
    }
    float* p;
    std::int64_t channels, distance;
};

/// Pixels from (-row, -column) of each tile on, transformed by F.
template <class F> void transform(const Planes& to, const float* images, const Grid& g, const Tiles& tiles, Range range,
                                  std::int64_t row, std::int64_t column, const float* zeros) {
    const float* p[F::from * F::from];
    for (std::int64_t t = 0; t < range.count; ++t) {
        const auto tile = range.first + t;
        g.addresses<F::from>(p, images, tiles.image(tile), tiles.row(tile) - row, tiles.column(tile) - column, zeros);
        for (std::int64_t c = 0; c < g.channels; c += L)
            both_ways<F>([&](int i, int j) { return V::load(p[i * F::from + j] + c); },
                         [&](int i, int j, V v) { v.store(to.at(i, j, t, c)); });
    }
}
/// The products back as pixels: epilogue(v, channel) of each.
template <class Epilogue> void transform_back(float* images, const Grid& g, const Planes& from, const Tiles& tiles,
                                              Range range, float* nowhere, const Epilogue& epilogue) {
    float* p[16];
    for (std::int64_t t = 0; t < range.count; ++t) {
        const auto tile = range.first + t;
        g.addresses<4>(p, images, tiles.image(tile), tiles.row(tile), tiles.column(tile), nowhere);
        for (std::int64_t c = 0; c < g.channels; c += L)
            both_ways<Output>([&](int i, int j) { return V::load(from.at(i, j, t, c)); },
                              [&](int i, int j, V v) { epilogue(v, c).store(p[i * 4 + j] + c); });
    }
}
/// The same, but of every 2 x 2 pixels only the largest.
void transform_back_pooled(float* pooled, std::uint8_t* from_which, const Grid& g, const Planes& from,
                           const Tiles& tiles, Range range, const float* bias, bool relu) {
    const auto rows = g.rows / 2, columns = g.columns / 2;
    for (std::int64_t t = 0; t < range.count; ++t) {
        const auto tile = range.first + t;
        const auto first = (tiles.image(tile) * rows + tiles.row(tile) / 2) * columns + tiles.column(tile) / 2;
        const bool lower = tiles.row(tile) / 2 + 1 < rows, right = tiles.column(tile) / 2 + 1 < columns;
        const bool upper = tiles.row(tile) / 2 < rows, left = tiles.column(tile) / 2 < columns;
        for (std::int64_t c = 0; c < g.channels; c += L) {
            V y[16];
            both_ways<Output>([&](int i, int j) { return V::load(from.at(i, j, t, c)); },
                              [&](int i, int j, V v) { y[i * 4 + j] = v; });
            const auto window = [&](int at, std::int64_t pixel) {
                const auto place = (first + pixel) * g.channels + c;
                pool_window(y[at], y[at + 1], y[at + 4], y[at + 5], V::load(bias + c), relu)
                    .store(pooled + place, from_which + place);
            };
            if (upper && left) window(0, 0);
            if (upper && right) window(2, 1);
            if (lower && left) window(8, columns);
            if (lower && right) window(10, columns + 1);
        }
    }
}

/// All sizes of one convolution, and how its batch is cut: groups of images with some 32 tiles or more, and ranges of
/// tiles within a group whose planes stay in cache.
struct Plan {
    explicit Plan(const Convolution& c)
        : in{c.axes[1].in, c.axes[2].in, c.in_channels},
          out{c.axes[1].out, c.axes[2].out, c.out_channels},
          row(c.axes[1].before),
          column(c.axes[2].before),
          batch(c.batch),
          images(std::max<std::int64_t>(1, 32 / std::max(Tiles(in).per_image(), Tiles(out).per_image()))) {}
    std::int64_t groups() const { return (batch + images - 1) / images; }
    std::int64_t images_of(std::int64_t group) const { return std::min(images, batch - group * images); }
    /// Calls f(range) for all tiles of a group.
    template <class F> static void ranges(std::int64_t tiles, const F& f) {
        const auto parts = (tiles + most - 1) / most;
        for (std::int64_t i = 0; i < parts; ++i) {
            const auto first = tiles * i / parts;
            f(Range{first, tiles * (i + 1) / parts - first});
        }
    }
    static constexpr std::int64_t most = 48;
    Grid in, out;
    std::int64_t row, column, batch, images;
};

/// (36, rows, columns) from (9, rows, columns).
Tensor transformed_kernel(const float* k, std::int64_t size) {
    const Tensor u = Tensor::empty({36 * size});
    float* to = u.raw<float>();
    for (std::int64_t i = 0; i < size; i += L)
        both_ways<Kernel>([&](int y, int x) { return V::load(k + (y * 3 + x) * size + i); },
                          [&](int y, int x, V v) { v.store(to + (y * 6 + x) * size + i); });
    return u;
}
/// The kernel of the way back: taps in reverse, channels exchanged.
Tensor reversed_kernel(const float* k, std::int64_t in, std::int64_t out) {
    const Tensor reversed = Tensor::empty({9 * in * out});
    for (int t = 0; t < 9; ++t) transpose(reversed.raw<float>() + (8 - t) * in * out, k + t * in * out, in, out);
    return transformed_kernel(reversed.raw<float>(), in * out);
}
void multiply(const Planes& to, const Planes& a, const float* b, Range range) {
    const Product product(range.count, to.channels, a.channels, false, false);
    for (int i = 0; i < 36; ++i)
        product(to.p + i * to.distance, a.p + i * a.distance, b + i * a.channels * to.channels);
}
/// Nanoseconds an image for one pass.
double winograd_cost(const Convolution& c) { return c.work() * 0.004; }
}  // namespace

bool fits(const Convolution& c) {
    const auto plain = [](const Window& w) { return w.taps == 3 && w.stride == 1 && w.dilation == 1 && w.before <= 2; };
    return c.rank == 2 && c.groups == 1 && plain(c.axes[1]) && plain(c.axes[2]) && c.in_channels >= 32 &&
           c.out_channels >= 32 && c.in_channels % L == 0 && c.out_channels % L == 0;
}

void forward(float* y, std::uint8_t* from, const float* x, const float* kernel, const float* bias, const Convolution& c,
             Epilogue e) {
    const Plan plan(c);
    const Tiles tiles(plan.out);
    const Tensor u = transformed_kernel(kernel, c.in_channels * c.out_channels), none = zero_row(plan.in.channels),
                 no_bias = bias ? Tensor() : zero_row(plan.out.channels);
    if (!bias) bias = no_bias.raw<float>();
    const auto result = result_of(c, e);
    parallel(plan.groups(), winograd_cost(c) * double(plan.images), [&](std::int64_t group, std::int64_t end) {
        const Tensor scratch = Tensor::empty(
            {Planes::size(Plan::most, c.in_channels) + Planes::size(Plan::most, c.out_channels) + c.out_channels});
        float* const nowhere = scratch.raw<float>();
        const Planes v(nowhere + c.out_channels, Plan::most, c.in_channels),
            m(v.p + Planes::size(Plan::most, c.in_channels), Plan::most, c.out_channels);
        for (; group < end; ++group) {
            const auto first = group * plan.images;
            Plan::ranges(plan.images_of(group) * tiles.per_image(), [&](Range range) {
                transform<Input>(v, x + first * c.image(), plan.in, tiles, range, plan.row, plan.column,
                                 none.raw<float>());
                multiply(m, v, u.raw<float>(), range);
                if (e.pool)
                    transform_back_pooled(y + first * result, from + first * result, plan.out, m, tiles, range, bias,
                                          e.relu);
                else
                    transform_back(y + first * result, plan.out, m, tiles, range, nowhere, [&](V sum, std::int64_t o) {
                        const V total = sum + V::load(bias + o);
                        return e.relu ? maximum(total, 0) : total;
                    });
            });
        }
    });
}

namespace {
/// What one part of the batch needs on the way back, in one buffer.
struct Room {
    Room(const Plan& plan, std::int64_t in, std::int64_t out, bool gated)
        : buffer(Tensor::empty({Planes::size(Plan::most, in) + Planes::size(Plan::most, out) +
                                (gated ? plan.images * plan.out.image() : 0) + in})),
          nowhere(buffer.raw<float>()),
          v(nowhere + in, Plan::most, in),
          z(v.p + Planes::size(Plan::most, in), Plan::most, out),
          opened(z.p + Planes::size(Plan::most, out)) {}
    Tensor buffer;
    float* nowhere;
    Planes v, z;  // of the inputs' channels, of the outputs'
    float* opened;
};
}  // namespace

void back(ConvolutionGradients<float> to, const float* dy, const float* y, const std::uint8_t* from, const float* x,
          const float* kernel, const Convolution& c, Epilogue e) {
    const Plan plan(c);
    const Tiles out_tiles(plan.out), in_tiles(plan.in);
    const auto in = c.in_channels, out = c.out_channels, size = in * out, result = result_of(c, e);
    const Tensor reversed = to.x ? reversed_kernel(kernel, in, out) : Tensor(), none = zero_row(std::max(in, out));
    const float* const zeros = none.raw<float>();
    const bool gated = e.relu || e.pool;
    // Of each part: sums of the transformed kernel's gradient, then of the bias'.
    const auto sums = (to.kernel ? 36 * size : 0) + out;
    const Tensor total = Tensor::empty({sums});
    const auto parts = std::clamp<std::int64_t>(plan.groups(), 1, 4);
    sum_parts(
        total.raw<float>(), sums, parts, 3 * winograd_cost(c) * double(c.batch) / double(parts),
        [&](std::int64_t part, float* sum) {
            const Room room(plan, in, out, gated);
            for (auto group = plan.groups() * part / parts; group < plan.groups() * (part + 1) / parts; ++group) {
                const auto first = group * plan.images, images = plan.images_of(group);
                const float* g = dy + first * result;
                float* const bias = to.bias ? sum + sums - out : nullptr;
                if (gated) {
                    open_vectors(room.opened, bias, g, e.relu ? y + first * result : nullptr,
                                 e.pool ? from + first * result : nullptr, images, c);
                    g = room.opened;
                } else if (bias) {
                    add_vectors(bias, g, images * c.out_pixels(), out);
                }
                if (to.kernel)
                    Plan::ranges(images * out_tiles.per_image(), [&](Range range) {
                        transform<OutputGradient>(room.z, g, plan.out, out_tiles, range, 0, 0, zeros);
                        transform<Input>(room.v, x + first * c.image(), plan.in, out_tiles, range, plan.row,
                                         plan.column, zeros);
                        const Product product(in, out, range.count, true, true);
                        for (int i = 0; i < 36; ++i)
                            product(sum + i * size, room.v.p + i * room.v.distance, room.z.p + i * room.z.distance);
                    });
                if (to.x)
                    Plan::ranges(images * in_tiles.per_image(), [&](Range range) {
                        transform<Input>(room.z, g, plan.out, in_tiles, range, 2 - plan.row, 2 - plan.column, zeros);
                        multiply(room.v, room.z, reversed.raw<float>(), range);
                        transform_back(to.x + first * c.image(), plan.in, room.v, in_tiles, range, room.nowhere,
                                       [](V v, std::int64_t) { return v; });
                    });
            }
        });
    const float* const sum = total.raw<float>();
    if (to.bias) std::copy_n(sum + sums - out, out, to.bias);
    if (to.kernel)
        for (std::int64_t i = 0; i < size; i += L)
            both_ways<KernelGradient>([&](int r, int k) { return V::load(sum + (r * 6 + k) * size + i); },
                                      [&](int r, int k, V v) { v.store(to.kernel + (r * 3 + k) * size + i); });
}

}  // namespace xg::kernel::winograd

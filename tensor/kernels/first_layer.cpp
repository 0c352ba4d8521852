#include "first_layer.h"
#include <cstring>
#include "parts.h"
#include "pooled_vectors.h"

namespace xg::kernel::first_layer {

namespace {
using V = Batch<float>;
constexpr std::int64_t L = lanes<float>;

/// An image with its padding, and where the numbers under a window lie from the window's corner on.
class Canvas {
public:
    explicit Canvas(const Convolution& c)
        : c_(c),
          rows_(height(c.axes[1])),
          columns_(height(c.axes[2])),
          pixels_(zero_row(rows_ * columns_ * c.in_channels)) {
        for (std::int64_t u = 0; u < c.axes[1].taps; ++u)
            for (std::int64_t v = 0; v < c.axes[2].taps; ++v)
                for (std::int64_t i = 0; i < c.in_channels; ++i)
                    offsets.push_back((u * c.axes[1].dilation * columns_ + v * c.axes[2].dilation) * c.in_channels + i);
    }
    void draw(const float* image) {
        const auto row = c_.axes[2].in * c_.in_channels;
        for (std::int64_t r = 0; r < c_.axes[1].in; ++r)
            std::memcpy(
                pixels_.raw<float>() + ((r + c_.axes[1].before) * columns_ + c_.axes[2].before) * c_.in_channels,
                image + r * row, std::size_t(row) * sizeof(float));
    }
    /// The corner of window (i, j).
    const float* window(std::int64_t i, std::int64_t j) const {
        return pixels_.raw<float>() + (i * c_.axes[1].stride * columns_ + j * c_.axes[2].stride) * c_.in_channels;
    }
    std::vector<std::int64_t> offsets;

private:
    static std::int64_t height(const Window& w) {
        return std::max(w.in + w.before, (w.out - 1) * w.stride + w.reach());
    }
    const Convolution& c_;
    std::int64_t rows_, columns_;
    Tensor pixels_;
};

/// n vectors of filters from `o` on at four windows.
template <int n> struct Block {
    V sums[4][n];

    Block(const std::vector<std::int64_t>& offsets, const float* const (&windows)[4], const float* kernel,
          std::int64_t filters) {
        for (auto& window : sums)
            for (V& v : window) v = V(0);
        for (std::size_t k = 0; k < offsets.size(); ++k, kernel += filters) {
            V w[n];
            for (int q = 0; q < n; ++q) w[q] = V::load(kernel + q * L);
            for (int p = 0; p < 4; ++p) {
                const V pixel(windows[p][offsets[k]]);
                for (int q = 0; q < n; ++q) sums[p][q] += pixel * w[q];
            }
        }
    }
};

/// One image: four windows that are pooled, or four neighbours in a row (the last ones again where it ends).
template <int n> void filters(float* y, std::uint8_t* from, const Canvas& canvas, const float* kernel,
                              const float* bias, const Convolution& c, Epilogue e, std::int64_t o) {
    const auto rows = c.axes[1].out, columns = c.axes[2].out, out = c.out_channels;
    V b[n];
    for (int q = 0; q < n; ++q) b[q] = V::load(bias + o + q * L);
    if (e.pool) {
        for (std::int64_t i = 0; i < rows / 2; ++i)
            for (std::int64_t j = 0; j < columns / 2; ++j) {
                const Block<n> block(canvas.offsets,
                                     {canvas.window(2 * i, 2 * j), canvas.window(2 * i, 2 * j + 1),
                                      canvas.window(2 * i + 1, 2 * j), canvas.window(2 * i + 1, 2 * j + 1)},
                                     kernel + o, out);
                const auto at = (i * (columns / 2) + j) * out + o;
                for (int q = 0; q < n; ++q)
                    pool_window(block.sums[0][q], block.sums[1][q], block.sums[2][q], block.sums[3][q], b[q], e.relu)
                        .store(y + at + q * L, from + at + q * L);
            }
        return;
    }
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; j += 4) {
            std::int64_t at[4];
            for (std::int64_t p = 0; p < 4; ++p) at[p] = std::min(j + p, columns - 1);
            const Block<n> block(
                canvas.offsets,
                {canvas.window(i, at[0]), canvas.window(i, at[1]), canvas.window(i, at[2]), canvas.window(i, at[3])},
                kernel + o, out);
            for (int p = 0; p < 4; ++p)
                for (int q = 0; q < n; ++q) {
                    const V total = block.sums[p][q] + b[q];
                    (e.relu ? maximum(total, 0) : total).store(y + (i * columns + at[p]) * out + o + q * L);
                }
        }
}
/// Nanoseconds an image.
double first_layer_cost(const Convolution& c) { return c.work() * 0.01; }
}  // namespace

bool fits(const Convolution& c) {
    return c.rank == 2 && c.groups == 1 && c.in_channels <= 4 && c.out_channels % L == 0;
}

void forward(float* y, std::uint8_t* from, const float* x, const float* kernel, const float* bias, const Convolution& c,
             Epilogue e) {
    const Tensor no_bias = bias ? Tensor() : zero_row(c.out_channels);
    if (!bias) bias = no_bias.raw<float>();
    const auto result = result_of(c, e);
    parallel(c.batch, first_layer_cost(c), [&](std::int64_t n, std::int64_t end) {
        Canvas canvas(c);
        for (; n < end; ++n) {
            canvas.draw(x + n * c.image());
            std::uint8_t* const which = e.pool ? from + n * result : nullptr;
            std::int64_t o = 0;
            for (; o + 2 * L <= c.out_channels; o += 2 * L)
                filters<2>(y + n * result, which, canvas, kernel, bias, c, e, o);
            if (o < c.out_channels) filters<1>(y + n * result, which, canvas, kernel, bias, c, e, o);
        }
    });
}

namespace {
/// How many rows of the kernel's gradient are summed up at a time: in registers, as every loop over them is unrolled.
constexpr std::size_t taps = 9;

/// Adds to n vectors from filter `o` on of those rows, and of the bias' gradient if there is one.
template <int n> struct Sums {
    V rows[taps][n], bias[n];

    void add(const float* window, const std::int64_t* offsets, const V* d) {
#pragma GCC unroll 9
        for (std::size_t k = 0; k < taps; ++k) {
            const V pixel(window[offsets[k]]);
            for (int q = 0; q < n; ++q) rows[k][q] += pixel * d[q];
        }
    }
};
template <int n> void gradients(float* dk, float* db, const float* dy, const float* y, const std::uint8_t* from,
                                const Canvas& canvas, const std::int64_t* offsets, std::size_t count,
                                const Convolution& c, Epilogue e, std::int64_t o) {
    const auto out = c.out_channels;
    Sums<n> sums;
    for (int q = 0; q < n; ++q) {
        sums.bias[q] = db ? V::load(db + o + q * L) : V(0);
#pragma GCC unroll 9
        for (std::size_t k = 0; k < taps; ++k)
            sums.rows[k][q] = k < count ? V::load(dk + std::int64_t(k) * out + o + q * L) : V(0);
    }
    const int step = e.pool ? 2 : 1;
    const auto rows = c.axes[1].out / step, columns = c.axes[2].out / step;
    const auto down = canvas.window(1, 0) - canvas.window(0, 0), right = canvas.window(0, 1) - canvas.window(0, 0);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            const auto at = (i * columns + j) * out + o;
            V d[n];
            for (int q = 0; q < n; ++q) {
                d[q] = V::load(dy + at + q * L);
                if (e.relu) d[q] = where(V::load(y + at + q * L) > V(0), d[q], V(0));
                sums.bias[q] += d[q];
            }
            if (!e.pool) {
                sums.add(canvas.window(i, j), offsets, d);
                continue;
            }
            Which which[n];
            for (int q = 0; q < n; ++q) which[q] = load_which(from + at + q * L);
            const float* const corner = canvas.window(2 * i, 2 * j);
            for (int place = 0; place < 4; ++place) {
                V own[n];
                for (int q = 0; q < n; ++q) own[q] = which[q] == Which{} + place ? d[q].v : V(0).v;
                sums.add(corner + place / 2 * down + place % 2 * right, offsets, own);
            }
        }
    for (int q = 0; q < n; ++q) {
        if (db) sums.bias[q].store(db + o + q * L);
#pragma GCC unroll 9
        for (std::size_t k = 0; k < taps; ++k)
            if (k < count) sums.rows[k][q].store(dk + std::int64_t(k) * out + o + q * L);
    }
}
}  // namespace

void back(float* dk, float* db, const float* dy, const float* y, const std::uint8_t* from, const float* x,
          const Convolution& c, Epilogue e) {
    const auto out = c.out_channels, result = result_of(c, e), size = c.kernel() + out;
    const auto parts = std::clamp<std::int64_t>(std::int64_t(first_layer_cost(c) * double(c.batch) / 20000), 1,
                                                std::clamp<std::int64_t>(c.batch, 1, 4));
    const Tensor total = Tensor::empty({size});
    sum_parts(total.raw<float>(), size, parts, first_layer_cost(c) * double(c.batch) / double(parts),
              [&](std::int64_t part, float* sum) {
                  Canvas canvas(c);
                  const std::size_t rows = canvas.offsets.size();
                  canvas.offsets.resize((rows + taps - 1) / taps * taps);
                  for (auto n = c.batch * part / parts; n < c.batch * (part + 1) / parts; ++n) {
                      canvas.draw(x + n * c.image());
                      const auto run = [&]<int vectors>(std::size_t k, std::int64_t o) {
                          gradients<vectors>(sum + std::int64_t(k) * out, k == 0 ? sum + c.kernel() : nullptr,
                                             dy + n * result, e.relu ? y + n * result : nullptr,
                                             e.pool ? from + n * result : nullptr, canvas, canvas.offsets.data() + k,
                                             std::min(taps, rows - k), c, e, o);
                      };
                      for (std::size_t k = 0; k < rows; k += taps) {
                          std::int64_t o = 0;
                          if constexpr (L == 16)
                              for (; o + 2 * L <= out; o += 2 * L) run.template operator()<2>(k, o);
                          for (; o < out; o += L) run.template operator()<1>(k, o);
                      }
                  }
              });
    if (dk) std::copy_n(total.raw<float>(), c.kernel(), dk);
    if (db) std::copy_n(total.raw<float>() + c.kernel(), out, db);
}

}  // namespace xg::kernel::first_layer

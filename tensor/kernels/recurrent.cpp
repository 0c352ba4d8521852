#include "recurrent.h"
#include <algorithm>
#include <cstring>
#include "../parallel.h"
#include "../simd/across.h"
#include "../simd/math.h"
#include "block_product.h"
#include "gemm.h"

namespace xg::kernel {

namespace {
/// Whether a matrix stays in the second cache from step to step.
bool stays(std::int64_t rows, std::int64_t columns, std::size_t element) {
    return rows * columns * std::int64_t(element) <= std::int64_t(1) << 20;
}
/// Rows that go through time together. Few where the recurrent kernel stays in a cache, so that threads can share the
/// batch; all where every step must fetch it from memory, as then the products themselves are shared out.
std::int64_t tile_rows(const RecurrentSize& s, std::int64_t gates, std::size_t element) {
    return stays(s.units, gates * s.units, element) ? 16 : std::max<std::int64_t>(s.batch, 1);
}
/// f(first row, rows) for every tile.
template <class F> void in_tiles(const RecurrentSize& s, std::int64_t gates, std::size_t element, const F& f) {
    const auto rows = tile_rows(s, gates, element), count = (s.batch + rows - 1) / rows;
    const auto one = [&](std::int64_t i) { f(i * rows, std::min(rows, s.batch - i * rows)); };
    if (count == 1) return one(0);
    const double cost = double(s.steps) * double(rows) * double(s.units) * (double(s.units * gates) * 0.01 + 2);
    parallel(count, cost, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) one(first);
    });
}
template <class T> Tensor scratch(std::int64_t rows, std::int64_t columns) {
    return Tensor::empty({rows, columns}, dtype_of<T>);
}
template <class T> const T* or_null(const Tensor& t) { return t.defined() ? t.raw<T>() : nullptr; }
/// A row of zeros in place of what is undefined: cheaper than asking in every loop.
template <class T> Tensor or_zeros(const Tensor& t, std::int64_t n) {
    if (t.defined()) return t;
    Tensor none = scratch<T>(1, n);
    std::fill_n(none.raw<T>(), n, T(0));
    return none;
}

// Without this GCC calls sigmoid and tanh instead of inlining them, which spills every register.
#define XG_INLINE_ALL __attribute__((flatten))
/// Where a batch of lanes begins in a row; the last one may be cut short.
template <class T, bool whole> struct Part {
    std::int64_t at, n;
    Batch<T> load(const T* p) const { return Batch<T>::load(p + at); }
    void store(T* p, Batch<T> v) const {
        if constexpr (whole) v.store(p + at);
        else v.store_first(p + at, n);
    }
};
template <class T, class F> void across(std::int64_t units, const F& f) {
    std::int64_t j = 0;
    for (; j + lanes<T> <= units; j += lanes<T>) f(Part<T, true>{j, lanes<T>});
    if (j < units) f(Part<T, false>{j, units - j});
}

/// One row of the batch in one step.
struct Step {
    const RecurrentSize& size;
    std::int64_t t, row;
    /// Where it lies in a (steps or steps + 1, batch, width units) array, `later` steps on.
    template <class P> P in(P base, std::int64_t width = 1, std::int64_t later = 0) const {
        return base + (((t + later) * size.batch + row) * width) * size.units;
    }
    /// In a (batch, steps, units) array, if there is one.
    template <class P> P of_example(P base) const {
        return base ? base + (row * size.steps + t) * size.units : nullptr;
    }
    bool real(const bool* mask) const { return !mask || mask[t * size.batch + row]; }
};
template <class T> void copy_row(T* to, const T* from, std::int64_t n) {
    std::memcpy(to, from, std::size_t(n) * sizeof(T));
}

/// Columns summed over the rows of each tile, tile by tile, then in their order.
template <class T> void sum_tiles(Tensor& total, const Tensor& parts) {
    const auto tiles = parts.shape()[0], columns = parts.shape()[1];
    T* to = total.raw<T>();
    std::fill_n(to, columns, T(0));
    for (std::int64_t i = 0; i < tiles; ++i)
        for (std::int64_t c = 0; c < columns; ++c) to[c] += parts.raw<T>()[i * columns + c];
}
template <class T> Tensor transposed(const Tensor& x) {
    const auto rows = x.shape()[0], columns = x.shape()[1];
    Tensor y = scratch<T>(columns, rows);
    transpose_scaled(y.raw<T>(), rows, x.raw<T>(), columns, rows, columns, T(1));
    return y;
}

/// What the gates are computed from, for the rows of one tile in one step. Where both kernels stay in a cache so does
/// what they make, from the product to the gates; else the inputs of all steps are multiplied at once, before.
template <class T> class Products {
public:
    Products(const RecurrentSize& size, RecurrentTrace& trace, const RecurrentInput& in, std::int64_t gates)
        : size_(size),
          width_(gates * size.units),
          near_(stays(size.features, width_, sizeof(T)) && stays(size.units, width_, sizeof(T))),
          x_(in.x.raw<T>()),
          kernel_(in.kernel.raw<T>()),
          recurrent_(in.recurrent_kernel.raw<T>()),
          gates_(trace.gates.raw<T>()),
          hidden_(trace.hidden.raw<T>()) {
        if (!near_) gemm(gates_, x_, kernel_, size.steps * size.batch, width_, size.features, false, false);
    }
    /// Leaves them where the gates will be.
    void of_inputs(std::int64_t t, std::int64_t first, std::int64_t rows) const {
        if (!near_) return;
        const auto row = t * size_.batch + first, k = size_.features;
        block_product(gates_ + row * width_, x_ + row * k, kernel_,
                      {.m = rows, .n = width_, .k = k, .lda = k, .ldb = width_, .ldc = width_});
    }
    void of_states(T* to, std::int64_t t, std::int64_t first, std::int64_t rows) const {
        gemm(to, hidden_ + (t * size_.batch + first) * size_.units, recurrent_, rows, width_, size_.units, false,
             false);
    }
    /// Both, added up.
    void of_both(T* scratch, std::int64_t t, std::int64_t first, std::int64_t rows) const {
        of_inputs(t, first, rows);
        const auto row = t * size_.batch + first, k = size_.units;
        T* to = gates_ + row * width_;
        if (near_) {
            block_product(to, hidden_ + row * k, recurrent_,
                          {.m = rows, .n = width_, .k = k, .lda = k, .ldb = width_, .ldc = width_, .add = true});
            return;
        }
        of_states(scratch, t, first, rows);
        for (std::int64_t i = 0; i < rows * width_; ++i) to[i] += scratch[i];
    }

private:
    const RecurrentSize& size_;
    std::int64_t width_;
    bool near_;
    const T *x_, *kernel_, *recurrent_;
    T *gates_, *hidden_;
};
}  // namespace

template <class T>
void lstm_forward(const RecurrentSize& size, RecurrentTrace& trace, const RecurrentInput& in, Tensor& outputs) {
    const auto H = size.units;
    T *gates = trace.gates.raw<T>(), *hidden = trace.hidden.raw<T>(), *cells = trace.cells.raw<T>();
    T* all = outputs.defined() ? outputs.raw<T>() : nullptr;
    const Tensor biases = or_zeros<T>(in.bias, 4 * H);
    const T* b = biases.raw<T>();
    const bool* real = or_null<bool>(in.mask);
    const Products<T> products(size, trace, in, 4);
    in_tiles(size, 4, sizeof(T), [&](std::int64_t first, std::int64_t rows) {
        const Tensor from_h = scratch<T>(rows, 4 * H);
        for (std::int64_t t = 0; t < size.steps; ++t) {
            if (t > 0 || !in.from_zero) products.of_both(from_h.raw<T>(), t, first, rows);
            else products.of_inputs(t, first, rows);
            for (std::int64_t r = 0; r < rows; ++r) {
                const Step s{size, t, first + r};
                T *g = s.in(gates, 4), *h = s.in(hidden, 1, 1), *c = s.in(cells, 1, 1), *y = s.of_example(all);
                if (!s.real(real)) {
                    copy_row(h, s.in(hidden), H);
                    copy_row(c, s.in(cells), H);
                } else {
                    const T* before = s.in(cells);
                    across<T>(H, [&](auto p) XG_INLINE_ALL {
                        const auto sum = [&](int k) { return p.load(g + k * H) + p.load(b + k * H); };
                        const auto i = sigmoid(sum(0)), f = sigmoid(sum(1)), u = tanh(sum(2)), o = sigmoid(sum(3));
                        const auto state = f * p.load(before) + i * u;
                        p.store(g, i), p.store(g + H, f), p.store(g + 2 * H, u), p.store(g + 3 * H, o);
                        p.store(c, state);
                        p.store(h, o * tanh(state));
                    });
                }
                if (y) copy_row(y, h, H);
            }
        }
    });
}

template <class T> void lstm_backward(const RecurrentSize& size, const RecurrentTrace& trace,
                                      const Tensor& recurrent_kernel, const Tensor& mask, RecurrentGradient& gradient) {
    const auto H = size.units;
    const T *gates = trace.gates.raw<T>(), *cells = trace.cells.raw<T>();
    const T* dy = or_null<T>(gradient.outputs);
    T *sums = gradient.sums_x.raw<T>(), *dh_all = gradient.hidden.raw<T>(), *dc_all = gradient.cells.raw<T>();
    const bool* real = or_null<bool>(mask);
    const Tensor back = transposed<T>(recurrent_kernel);  // one copy serves all steps
    const auto tile = tile_rows(size, 4, sizeof(T));
    Tensor parts = scratch<T>((size.batch + tile - 1) / tile, 4 * H);
    in_tiles(size, 4, sizeof(T), [&](std::int64_t first, std::int64_t rows) {
        const Tensor other = scratch<T>(rows, H);
        T *dh = dh_all + first * H, *dc = dc_all + first * H, *next = other.raw<T>();
        T* db = parts.raw<T>() + first / tile * 4 * H;
        std::fill_n(db, 4 * H, T(0));
        for (std::int64_t t = size.steps - 1; t >= 0; --t) {
            across<T>(H, [&](auto p) XG_INLINE_ALL {
                Batch<T> total[4] = {p.load(db), p.load(db + H), p.load(db + 2 * H), p.load(db + 3 * H)};
                for (std::int64_t r = 0; r < rows; ++r) {
                    const Step s{size, t, first + r};
                    T *out = s.in(sums, 4), *c = dc + r * H;
                    auto d = p.load(dh + r * H);
                    if (dy) d += p.load(s.of_example(dy));
                    if (!s.real(real)) {
                        p.store(dh + r * H, d);
                        for (int k = 0; k < 4; ++k) p.store(out + k * H, Batch<T>(0));
                        continue;
                    }
                    const T* g = s.in(gates, 4);
                    const auto i = p.load(g), f = p.load(g + H), u = p.load(g + 2 * H), o = p.load(g + 3 * H);
                    const auto squashed = tanh(p.load(s.in(cells, 1, 1)));
                    const auto state = p.load(c) + d * o * (1 - squashed * squashed);
                    const Batch<T> each[4] = {state * u * i * (1 - i), state * p.load(s.in(cells)) * f * (1 - f),
                                              state * i * (1 - u * u), d * squashed * o * (1 - o)};
                    p.store(c, state * f);
                    for (int k = 0; k < 4; ++k) p.store(out + k * H, each[k]), total[k] += each[k];
                }
                for (int k = 0; k < 4; ++k) p.store(db + k * H, total[k]);
            });
            if (t == 0 && !gradient.first_hidden) break;
            gemm(next, sums + (t * size.batch + first) * 4 * H, back.raw<T>(), rows, H, 4 * H, false, false);
            for (std::int64_t r = 0; r < rows; ++r)
                if (!Step{size, t, first + r}.real(real)) copy_row(next + r * H, dh + r * H, H);
            copy_row(dh, next, rows * H);
        }
    });
    if (gradient.bias_x.defined()) sum_tiles<T>(gradient.bias_x, parts);
}

template <class T>
void gru_forward(const RecurrentSize& size, RecurrentTrace& trace, const RecurrentInput& in, Tensor& outputs) {
    const auto H = size.units;
    T *gates = trace.gates.raw<T>(), *hidden = trace.hidden.raw<T>(), *inner = trace.inner.raw<T>();
    T* all = outputs.defined() ? outputs.raw<T>() : nullptr;
    const Tensor biases = or_zeros<T>(in.bias, 6 * H);
    const T* b = biases.raw<T>();
    const bool* real = or_null<bool>(in.mask);
    const Products<T> products(size, trace, in, 3);
    in_tiles(size, 3, sizeof(T), [&](std::int64_t first, std::int64_t rows) {
        const Tensor product = scratch<T>(rows, 3 * H);
        T* from_h = product.raw<T>();
        if (in.from_zero) std::fill_n(from_h, rows * 3 * H, T(0));
        for (std::int64_t t = 0; t < size.steps; ++t) {
            products.of_inputs(t, first, rows);
            if (t > 0 || !in.from_zero) products.of_states(from_h, t, first, rows);
            for (std::int64_t r = 0; r < rows; ++r) {
                const Step s{size, t, first + r};
                T *g = s.in(gates, 3), *h = s.in(hidden, 1, 1), *kept = s.in(inner), *y = s.of_example(all);
                const T *before = s.in(hidden), *own = from_h + r * 3 * H;
                if (!s.real(real)) copy_row(h, before, H);
                else
                    across<T>(H, [&](auto p) XG_INLINE_ALL {
                        const auto x = [&](int k) { return p.load(g + k * H) + p.load(b + k * H); };
                        const auto from = [&](int k) { return p.load(own + k * H) + p.load(b + (3 + k) * H); };
                        const auto z = sigmoid(x(0) + from(0)), reset = sigmoid(x(1) + from(1)), last = from(2);
                        const auto u = tanh(x(2) + reset * last);
                        p.store(g, z), p.store(g + H, reset), p.store(g + 2 * H, u);
                        p.store(kept, last);
                        p.store(h, z * p.load(before) + (1 - z) * u);
                    });
                if (y) copy_row(y, h, H);
            }
        }
    });
}

template <class T> void gru_backward(const RecurrentSize& size, const RecurrentTrace& trace,
                                     const Tensor& recurrent_kernel, const Tensor& mask, RecurrentGradient& gradient) {
    const auto H = size.units;
    const T *gates = trace.gates.raw<T>(), *hidden = trace.hidden.raw<T>(), *inner = trace.inner.raw<T>();
    const T* dy = or_null<T>(gradient.outputs);
    T *sums_x = gradient.sums_x.raw<T>(), *sums_h = gradient.sums_h.raw<T>(), *dh_all = gradient.hidden.raw<T>();
    const bool* real = or_null<bool>(mask);
    const Tensor back = transposed<T>(recurrent_kernel);
    const auto tile = tile_rows(size, 3, sizeof(T)), count = (size.batch + tile - 1) / tile;
    Tensor parts_x = scratch<T>(count, 3 * H), parts_h = scratch<T>(count, 3 * H);
    in_tiles(size, 3, sizeof(T), [&](std::int64_t first, std::int64_t rows) {
        const Tensor other = scratch<T>(rows, H);
        T *dh = dh_all + first * H, *next = other.raw<T>();
        T *db_x = parts_x.raw<T>() + first / tile * 3 * H, *db_h = parts_h.raw<T>() + first / tile * 3 * H;
        std::fill_n(db_x, 3 * H, T(0));
        std::fill_n(db_h, 3 * H, T(0));
        for (std::int64_t t = size.steps - 1; t >= 0; --t) {
            across<T>(H, [&](auto p) XG_INLINE_ALL {
                Batch<T> total[4] = {p.load(db_x), p.load(db_x + H), p.load(db_x + 2 * H), p.load(db_h + 2 * H)};
                for (std::int64_t r = 0; r < rows; ++r) {
                    const Step s{size, t, first + r};
                    T *x = s.in(sums_x, 3), *h = s.in(sums_h, 3);
                    auto d = p.load(dh + r * H);
                    if (dy) d += p.load(s.of_example(dy));
                    Batch<T> each[4] = {0, 0, 0, 0}, passes = d;
                    if (s.real(real)) {
                        const T* g = s.in(gates, 3);
                        const auto z = p.load(g), reset = p.load(g + H), u = p.load(g + 2 * H);
                        const auto du = d * (1 - z) * (1 - u * u);
                        each[0] = d * (p.load(s.in(hidden)) - u) * z * (1 - z);
                        each[1] = du * p.load(s.in(inner)) * reset * (1 - reset);
                        each[2] = du, each[3] = du * reset;
                        passes = d * z;
                    }
                    p.store(dh + r * H, passes);
                    p.store(x, each[0]), p.store(x + H, each[1]), p.store(x + 2 * H, each[2]);
                    p.store(h, each[0]), p.store(h + H, each[1]), p.store(h + 2 * H, each[3]);
                    for (int k = 0; k < 4; ++k) total[k] += each[k];
                }
                p.store(db_x, total[0]), p.store(db_x + H, total[1]), p.store(db_x + 2 * H, total[2]);
                p.store(db_h, total[0]), p.store(db_h + H, total[1]), p.store(db_h + 2 * H, total[3]);
            });
            if (t == 0 && !gradient.first_hidden) break;
            gemm(next, sums_h + (t * size.batch + first) * 3 * H, back.raw<T>(), rows, H, 3 * H, false, false);
            for (std::int64_t r = 0; r < rows * H; ++r) dh[r] += next[r];
        }
    });
    if (!gradient.bias_x.defined()) return;
    sum_tiles<T>(gradient.bias_x, parts_x);
    sum_tiles<T>(gradient.bias_h, parts_h);
}

#define XG_RECURRENT(T)                                                                                       \
    template void lstm_forward<T>(const RecurrentSize&, RecurrentTrace&, const RecurrentInput&, Tensor&);     \
    template void lstm_backward<T>(const RecurrentSize&, const RecurrentTrace&, const Tensor&, const Tensor&, \
                                   RecurrentGradient&);                                                       \
    template void gru_forward<T>(const RecurrentSize&, RecurrentTrace&, const RecurrentInput&, Tensor&);      \
    template void gru_backward<T>(const RecurrentSize&, const RecurrentTrace&, const Tensor&, const Tensor&,  \
                                  RecurrentGradient&);
XG_RECURRENT(float)
XG_RECURRENT(double)
#undef XG_RECURRENT
#undef XG_INLINE_ALL

}  // namespace xg::kernel

#pragma once
// The two loops behind every elementwise operation. Both walk a rows x cols grid; an operand is full, a row (repeated
// down), a column (repeated across) or a scalar. Whole vectors are loaded and stored: reads past a row's end are
// discarded, and a store past it is overwritten by the next row or lands in the padding; so outputs are whole buffers,
// and only where another thread's rows follow is a row's end stored exactly.
#include <array>
#include <span>
#include <utility>
#include "../parallel.h"
#include "../simd/math.h"
#include "../tensor.h"

namespace xg::kernel {

enum class Kind : std::uint8_t { full, row, column, scalar };
constexpr bool varies_across(Kind k) { return k == Kind::full || k == Kind::row; }

struct Grid {
    std::int64_t rows = 1, cols = 0;
};

/// How the operands of one operation lie over its output.
template <int n> struct Spread {
    Grid grid;
    std::array<Kind, n> kind{};
    unsigned expand = 0;  // operands that fit no kind: they are copied to full size first
};
template <int n> struct Layout {
    SharedShape shape;
    Spread<n> spread;
};
void plan(const char* op, int n, const Shape* const* shapes, Shape& out, Grid& grid, Kind* kind, unsigned& expand);

/// The longer of the two if the other is it without leading extents of one; else null.
inline const Shape* same_but_for_leading_ones(const Shape& a, const Shape& b) {
    const Shape &longer = a.rank() > b.rank() ? a : b, &shorter = a.rank() > b.rank() ? b : a;
    const int lead = longer.rank() - shorter.rank();
    for (int i = 0; i < longer.rank(); ++i)
        if (longer[i] != (i < lead ? 1 : shorter[i - lead])) return nullptr;
    return &longer;
}

template <int n> [[gnu::noinline]] Layout<n> lay_out_different(const char* op, const std::array<const Tensor*, n>& xs) {
    const Shape& first = xs[0]->shape();
    if constexpr (n == 2)  // (1, 3) and (3,): every element of both once
        if (const Shape* longer = same_but_for_leading_ones(first, xs[1]->shape()))
            return {xs[longer == &first ? 0 : 1]->impl()->shape, {{1, xs[0]->numel()}}};
    const Shape* shapes[n];
    for (int i = 0; i < n; ++i) shapes[i] = &xs[i]->shape();
    Shape shape;
    Spread<n> spread;
    plan(op, n, shapes, shape, spread.grid, spread.kind.data(), spread.expand);
    return {SharedShape(shape), spread};
}
template <int n> Layout<n> lay_out(const char* op, const std::array<const Tensor*, n>& xs) {
    bool same = true;
    for (int i = 1; i < n; ++i) same = same && xs[i]->shape() == xs[0]->shape();
    if (same) [[likely]]
        return {xs[0]->impl()->shape, {{1, xs[0]->numel()}}};
    return lay_out_different<n>(op, xs);
}

/// A part of the grid, for one thread: some rows, or a stretch of the only one.
struct Part {
    std::int64_t row, end_row, col, end_col;
    bool exact;  // another thread's row follows: nothing may be stored past the end

    /// Whether the last whole vector of row r would reach into it: with short rows not only the part's last one.
    bool ends_at(std::int64_t r, int lanes) const {
        const std::int64_t cols = end_col, past = (cols + lanes - 1) / lanes * lanes - cols;
        return exact && past > (end_row - 1 - r) * cols;
    }
};
inline bool stays_whole(const Grid& g, double cost_ns) {
    return double(g.rows * g.cols) * cost_ns < detail::worth_sharing_ns;
}
/// Calls body(part, index) for parts that depend on the grid and the cost of an element alone.
template <class Body> void in_parts(const Grid& g, double cost_ns, const Body& body) {
    if (stays_whole(g, cost_ns)) {
        if (g.rows > 0 && g.cols > 0) body(Part{0, g.rows, 0, g.cols, false}, 0);
    } else if (g.rows == 1) {
        const auto tile = detail::tile_size(g.cols, cost_ns);
        parallel(g.cols, cost_ns, [&](std::int64_t b, std::int64_t e) { body(Part{0, 1, b, e, false}, b / tile); });
    } else {
        const auto tile = detail::tile_size(g.rows, cost_ns * double(g.cols));
        parallel(g.rows, cost_ns * double(g.cols), [&](std::int64_t b, std::int64_t e) {
            body(Part{b, e, 0, g.cols, e < g.rows}, b / tile);
        });
    }
}
/// How many parts in_parts makes.
inline std::int64_t count_parts(const Grid& g, double cost_ns) {
    if (stays_whole(g, cost_ns)) return 1;
    const auto n = g.rows == 1 ? g.cols : g.rows;
    const auto tile = detail::tile_size(n, g.rows == 1 ? cost_ns : cost_ns * double(g.cols));
    return n ? (n + tile - 1) / tile : 0;
}

template <class T> struct Source {
    const T* p = nullptr;
    Kind kind = Kind::scalar;
};
/// Walks one operand. What does not vary across is spread into a vector once per row and read with step 0.
template <class T> struct Reader {
    const T* p;
    std::int64_t mask;
    Batch<T> spread;

    void start(const Source<T>& s, const Grid& g, std::int64_t r) {
        if (varies_across(s.kind)) {
            p = s.p + (s.kind == Kind::full ? r * g.cols : 0);
            mask = -1;
        } else {
            spread = Batch<T>(s.p[s.kind == Kind::column ? r : 0]);
            p = reinterpret_cast<const T*>(&spread);
            mask = 0;
        }
    }
    Batch<T> at(std::int64_t c) const { return Batch<T>::load(p + (c & mask)); }
};

/// out[i] = f(x[i]...): operands of one shape, whole, on this thread.
template <class T, class F, class... P>
[[gnu::noinline, gnu::flatten]] void forward_flat(const F& f, T* out, std::int64_t count, const P*... x) {
    for (std::int64_t i = 0; i < count; i += lanes<T>) Batch<T>(f(Batch<T>::load(x + i)...)).store(out + i);
}
/// outputs[j] = f(sources...)[j] over a part of the grid, f's only value with one output; one that is null is not
/// stored. A single operand is as long as the output.
template <class T, class F, int n, int m>
[[gnu::noinline, gnu::flatten]] void forward_part(const void* function, T* const* outputs, const Grid& g,
                                                  const Source<T>* in, const Part& part) {
    const F& f = *static_cast<const F*>(function);
    const auto all = [&f](auto... x) {
        if constexpr (m == 1) return std::array{Batch<T>(f(x...))};
        else return std::array<Batch<T>, m>(f(x...));
    };
    [&]<int... k, int... j>(std::integer_sequence<int, k...>, std::integer_sequence<int, j...>) {
        if constexpr (m == 1)
            if (n == 1 || (g.rows == 1 && ((in[k].kind == Kind::full) && ...)))
                return forward_flat<T>(f, outputs[0] + part.col, part.end_col - part.col, in[k].p + part.col...);
        if constexpr (n == 1 && m > 1) {
            for (std::int64_t c = part.col; c < part.end_col; c += lanes<T>) {
                const auto y = all(Batch<T>::load(in[k].p + c)...);
                ((j == 0 || outputs[j] ? y[j].store(outputs[j] + c) : void()), ...);
            }
        } else if constexpr (n > 1) {
            Reader<T> x[n];
            for (std::int64_t r = part.row; r < part.end_row; ++r) {
                (x[k].start(in[k], g, r), ...);
                T* const o[m] = {outputs[j] + (outputs[j] ? r * g.cols : 0)...};
                const bool exact = part.ends_at(r, lanes<T>);
                const std::int64_t end = exact ? part.end_col - part.end_col % lanes<T> : part.end_col;
                for (std::int64_t c = part.col; c < part.end_col; c += lanes<T>) {
                    const auto y = all(x[k].at(c)...);
                    if (c < end) [[likely]]
                        ((j == 0 || o[j] ? y[j].store(o[j] + c) : void()), ...);
                    else ((j == 0 || o[j] ? y[j].store_first(o[j] + c, part.end_col - c) : void()), ...);
                }
            }
        }
    }
    (std::make_integer_sequence<int, n>{}, std::make_integer_sequence<int, m>{});
}
// The loops know what is computed; all around them, for n sources and m outputs, is compiled once.
template <class T>
using ForwardPart = void (*)(const void* f, T* const* outputs, const Grid&, const Source<T>* in, const Part&);
/// Nanoseconds an element.
template <class T> constexpr double cost(int operands) { return 0.025 * sizeof(T) * operands; }

template <class T> void forward_all_parts(ForwardPart<T> loop, const void* f, int n, int m, T* const* outputs,
                                          const Grid& g, const Source<T>* in);
/// outputs[j] = f(sources...)[j] over the grid; each output is a whole buffer, the first is wanted, others may be null.
template <class T, class F, int n, int m>
void forward(const F& f, const std::array<T*, m>& outputs, const Grid& g, const std::array<Source<T>, n>& in) {
    forward_all_parts<T>(forward_part<T, F, n, m>, &f, n, m, outputs.data(), g, in.data());
}
/// So many elements of n operands and an output are not worth sharing between threads.
template <class T, int n>
inline constexpr std::int64_t stays_on_caller = std::int64_t(detail::worth_sharing_ns / cost<T>(n + 1));

/// Where the gradient of one operand goes; what was broadcast is summed on the way.
template <class T> struct Sink {
    T* p = nullptr;  // null: not wanted
    Kind kind = Kind::scalar;
    bool add = false;  // to what is there; a full one only
};
template <class T> struct Writer {
    T* p;
    std::int64_t mask;
    bool add, cut, keep;  // add to what is there; drop the lanes past the row's end; leave what lies past it
    Batch<T> total;

    void start(const Sink<T>& s, const Grid& g, const Part& part, std::int64_t r) {
        const bool across = s.p && varies_across(s.kind), first = r == part.row;
        p = across ? s.p + (s.kind == Kind::full ? r * g.cols : 0) : reinterpret_cast<T*>(&total);
        mask = across ? -1 : 0;
        add = s.kind != Kind::full || s.add;
        cut = !across;
        keep = s.add;
        if (s.kind == Kind::row && first && s.p)
            for (std::int64_t c = part.col; c < part.end_col; c += lanes<T>) Batch<T>(0).store(s.p + c);
        if (!across && (first || s.kind == Kind::column)) total = Batch<T>(0);
    }
    void put(std::int64_t c, const Part& part, bool exact, Batch<T> v) {
        T* o = p + (c & mask);
        const bool tail = part.end_col - c < lanes<T>;
        if (add) {
            if (cut && tail) v = where(first_lanes<T>(part.end_col - c), v, Batch<T>(0));
            v += Batch<T>::load(o);
        }
        if (tail && mask && (keep || (exact && !add))) v.store_first(o, part.end_col - c);
        else v.store(o);
    }
    void finish(const Sink<T>& s, const Part& part, std::int64_t r) {
        if (s.p && s.kind == Kind::column) s.p[r] = sum(total);
        if (s.p && s.kind == Kind::scalar && r + 1 == part.end_row) s.p[0] = sum(total);
    }
};

/// Elements c and on of a full gradient. A growing one may be a window, so that nothing is stored past its end.
template <class T> void put_flat(const Sink<T>& to, std::int64_t c, const Part& part, Batch<T> v) {
    if (!to.p) return;
    if (to.add) v += Batch<T>::load(to.p + c);
    if ((to.add || part.exact) && part.end_col - c < lanes<T>) v.store_first(to.p + c, part.end_col - c);
    else v.store(to.p + c);
}
/// out[j] = rules(j, sources...) over a part of the grid. The only gradient, like what it is made of, is full.
template <class T, class F, int n, int m>
[[gnu::noinline, gnu::flatten]] void backward_part(const void* function, const Grid& g, const Source<T>* in,
                                                   const Sink<T>* out, const Part& part) {
    const F& rules = *static_cast<const F*>(function);
    [&]<int... k, int... j>(std::integer_sequence<int, k...>, std::integer_sequence<int, j...>) {
        if (m == 1 ||
            (g.rows == 1 && ((in[k].kind == Kind::full) && ...) && ((!out[j].p || out[j].kind == Kind::full) && ...))) {
            for (std::int64_t c = part.col; c < part.end_col; c += lanes<T>) {
                const auto value = [&](auto... v) {
                    (put_flat(out[j], c, part, rules(std::integral_constant<int, j>{}, v...)), ...);
                };
                value(Batch<T>::load(in[k].p + c)...);
            }
        } else if constexpr (m > 1) {
            Reader<T> x[n];
            Writer<T> y[m];
            for (std::int64_t r = part.row; r < part.end_row; ++r) {
                (x[k].start(in[k], g, r), ...);
                (y[j].start(out[j], g, part, r), ...);
                const bool exact = part.ends_at(r, lanes<T>);
                for (std::int64_t c = part.col; c < part.end_col; c += lanes<T>) {
                    const auto value = [&](auto... v) {
                        (y[j].put(c, part, exact, rules(std::integral_constant<int, j>{}, v...)), ...);
                    };
                    value(x[k].at(c)...);
                }
                (y[j].finish(out[j], part, r), ...);
            }
        }
    }
    (std::make_integer_sequence<int, n>{}, std::make_integer_sequence<int, m>{});
}

template <class T>
using BackwardPart = void (*)(const void* rules, const Grid&, const Source<T>* in, const Sink<T>* out, const Part&);
/// sinks[j] = rules[j](sources...) for all j in one pass over the grid.
template <class T> void backward_all_parts(BackwardPart<T> loop, const void* rules, const Grid& g,
                                           std::span<const Source<T>> in, std::span<const Sink<T>> out);
/// The same for many examples, a row of the grid each: a full source has its values for each, a row is the same for
/// all. A row of every sink is one example's.
template <class T> void backward_examples(BackwardPart<T> loop, const void* rules, const Grid& examples,
                                          std::span<const Source<T>> in, std::span<const Sink<T>> out);
/// sinks[j] = rules(j, sources...), j being a constant.
template <class T, class F, int n, int m>
void backward(const F& rules, const Grid& g, const std::array<Source<T>, n>& in, const std::array<Sink<T>, m>& out) {
    backward_all_parts<T>(backward_part<T, F, n, m>, &rules, g, in, out);
}

}  // namespace xg::kernel

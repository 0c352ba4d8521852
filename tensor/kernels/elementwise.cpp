#include "elementwise.h"
#include <algorithm>
#include <vector>

namespace xg::kernel {

void plan(const char* op, int n, const Shape* const* shapes, Shape& out, Grid& grid, Kind* kind, unsigned& expand) {
    out = *shapes[0];
    for (int i = 1; i < n; ++i) out = broadcast(out, *shapes[i], op);
    const auto repeated = [&](int i, int axis) {
        const int own = axis - (out.rank() - shapes[i]->rank());
        return own < 0 || (*shapes[i])[own] != out[axis];
    };
    // The axis at which rows end and columns begin: the first change in the first operand that is broadcast in part.
    int split = -1;
    for (int i = 0; i < n; ++i) {
        unsigned pattern = 0, changes = 0, at = 0;
        int last = -1;
        for (int axis = 0; axis < out.rank(); ++axis) {
            if (out[axis] == 1) continue;
            const int r = repeated(i, axis);
            pattern |= 1u << r;
            if (last >= 0 && r != last) {
                ++changes;
                at = unsigned(axis);
            }
            last = r;
        }
        if (changes == 0) {
            kind[i] = pattern == 2 ? Kind::scalar : Kind::full;
        } else if (changes == 1 && (split < 0 || split == int(at))) {
            kind[i] = last == 0 ? Kind::row : Kind::column;
            split = int(at);
        } else {
            kind[i] = Kind::full;
            expand |= 1u << i;
        }
    }
    grid = {1, 1};
    for (int axis = 0; axis < out.rank(); ++axis) (axis < split ? grid.rows : grid.cols) *= out[axis];
}

template <class T> void forward_all_parts(ForwardPart<T> loop, const void* f, int n, int m, T* const* outputs,
                                          const Grid& g, const Source<T>* in) {
    in_parts(g, cost<T>(n + m), [&](const Part& part, std::int64_t) { loop(f, outputs, g, in, part); });
}

namespace {
/// One gradient that is summed over parts: each part has a buffer, and they are added in a fixed order at the end.
template <class T> class PartialSums {
public:
    PartialSums(const Sink<T>& sink, const Grid& g, std::int64_t parts)
        : sink_(sink),
          width_(sink.kind == Kind::row ? g.cols : 1),
          stride_((width_ + 2 * lanes<T> - 1) / lanes<T> * lanes<T>),
          parts_(parts),
          values_(Tensor::empty({parts * stride_}, dtype_of<T>)) {}
    Sink<T> of(std::int64_t part) const { return {values_.raw<T>() + part * stride_, sink_.kind}; }
    void finish() const {
        for (std::int64_t step = 1; step < parts_; step *= 2)
            for (std::int64_t i = 0; i + step < parts_; i += 2 * step) {
                T *left = of(i).p, *right = of(i + step).p;
                for (std::int64_t c = 0; c < width_; c += lanes<T>)
                    (Batch<T>::load(left + c) + Batch<T>::load(right + c)).store(left + c);
            }
        std::copy_n(of(0).p, width_, sink_.p);
    }

private:
    Sink<T> sink_;
    std::int64_t width_, stride_, parts_;
    Tensor values_;
};

constexpr std::size_t most_operands = 10;  // the eight of map, dy and y
}  // namespace

template <class T> void backward_all_parts(BackwardPart<T> loop, const void* rules, const Grid& g,
                                           std::span<const Source<T>> in, std::span<const Sink<T>> out) {
    if (g.rows == 0 || g.cols == 0) {  // sums over nothing
        for (const auto& s : out)
            if (s.p && s.kind != Kind::full)
                std::fill_n(s.p, s.kind == Kind::row ? g.cols : s.kind == Kind::column ? g.rows : 1, T(0));
        return;
    }
    const double each = cost<T>(int(in.size() + out.size()));
    const auto parts = count_parts(g, each);
    if (parts == 1) return loop(rules, g, in.data(), out.data(), Part{0, g.rows, 0, g.cols, false});
    std::array<int, most_operands> slot{};
    std::vector<PartialSums<T>> sums;
    for (std::size_t j = 0; j < out.size(); ++j)
        if (out[j].p && (out[j].kind == Kind::row || out[j].kind == Kind::scalar)) {
            sums.emplace_back(out[j], g, parts);
            slot[j] = int(sums.size());
        }
    in_parts(g, each, [&](const Part& part, std::int64_t index) {
        std::array<Sink<T>, most_operands> mine;
        std::ranges::copy(out, mine.begin());
        for (std::size_t j = 0; j < out.size(); ++j)
            if (slot[j]) mine[j] = sums[std::size_t(slot[j] - 1)].of(index);
        loop(rules, g, in.data(), mine.data(), part);
    });
    for (const auto& s : sums) s.finish();
}

template <class T> void backward_examples(BackwardPart<T> loop, const void* rules, const Grid& examples,
                                          std::span<const Source<T>> in, std::span<const Sink<T>> out) {
    const auto cols = examples.cols;
    parallel(examples.rows, cost<T>(int(in.size() + out.size())) * double(cols),
             [&](std::int64_t first, std::int64_t last) {
                 std::array<Source<T>, most_operands> from;
                 std::array<Sink<T>, most_operands> to;
                 for (auto r = first; r < last; ++r) {
                     std::ranges::copy(in, from.begin());
                     std::ranges::copy(out, to.begin());
                     for (std::size_t k = 0; k < in.size(); ++k)
                         if (std::exchange(from[k].kind, Kind::full) == Kind::full) from[k].p += r * cols;
                     for (std::size_t j = 0; j < out.size(); ++j)
                         if (to[j].p) to[j].p += r * cols;
                     loop(rules, {1, cols}, from.data(), to.data(), Part{0, 1, 0, cols, true});
                 }
             });
}

template void forward_all_parts(ForwardPart<float>, const void*, int, int, float* const*, const Grid&,
                                const Source<float>*);
template void forward_all_parts(ForwardPart<double>, const void*, int, int, double* const*, const Grid&,
                                const Source<double>*);
template void backward_all_parts(BackwardPart<float>, const void*, const Grid&, std::span<const Source<float>>,
                                 std::span<const Sink<float>>);
template void backward_all_parts(BackwardPart<double>, const void*, const Grid&, std::span<const Source<double>>,
                                 std::span<const Sink<double>>);
template void backward_examples(BackwardPart<float>, const void*, const Grid&, std::span<const Source<float>>,
                                std::span<const Sink<float>>);
template void backward_examples(BackwardPart<double>, const void*, const Grid&, std::span<const Source<double>>,
                                std::span<const Sink<double>>);

}  // namespace xg::kernel

// Flipping, joining, repeating, padding: moves of whole boxes of elements.
#include <algorithm>
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"
#include "arithmetic.h"
#include "indexing.h"
#include "layout.h"
#include "reduction.h"
#include "strided.h"

namespace xg {

namespace {
/// Row-major strides, in elements.
std::array<std::int64_t, max_rank> strides_of(const Shape& shape) {
    std::array<std::int64_t, max_rank> strides{};
    std::int64_t step = 1;
    for (int a = shape.rank() - 1; a >= 0; --a) {
        strides[std::size_t(a)] = step;
        step *= shape[a];
    }
    return strides;
}
/// The box left when `padding` is cut off.
detail::Region inside(const Shape& shape, const std::vector<Padding>& padding) {
    const auto strides = strides_of(shape);
    detail::Region box;
    for (int a = 0; a < shape.rank(); ++a) {
        const auto [before, after] = padding[std::size_t(a)];
        box.offset += before * strides[std::size_t(a)];
        box.axis(shape[a] - before - after, strides[std::size_t(a)]);
    }
    return box;
}
Tensor crop(const Tensor& x, const std::vector<Padding>& padding) {
    return detail::read("crop", x, inside(x.shape(), padding));
}
}  // namespace

Tensor flip(const Tensor& x, Axes axes) {
    const unsigned mask = axes.mask(x.rank(), "flip");
    const auto strides = strides_of(x.shape());
    detail::Region box;
    for (int a = 0; a < x.rank(); ++a) {
        const auto stride = strides[std::size_t(a)];
        const bool down = mask >> a & 1 && x.numel() > 0;
        if (down) box.offset += (x.shape()[a] - 1) * stride;
        box.axis(x.shape()[a], down ? -stride : stride);
    }
    return detail::read("flip", x, box);
}

Tensor roll(const Tensor& x, std::int64_t shift, int axis) {
    const int along = normalize_axis(axis, x.rank(), "roll");
    const auto n = x.shape()[along];
    if (n == 0) return x;
    return take(x, mod(arange(n) - shift % n, n), along);
}

Tensor roll(const Tensor& x, std::initializer_list<std::int64_t> shifts, std::initializer_list<int> axes) {
    require<std::invalid_argument>(shifts.size() == axes.size(), "roll: expected one shift an axis, got {} and {} axes",
                                   shifts.size(), axes.size());
    for (int axis : axes) normalize_axis(axis, x.rank(), "roll");
    Tensor y = x;
    for (auto shift = shifts.begin(); int axis : axes) y = roll(y, *shift++, axis);
    return y;
}
Tensor roll(const Tensor& x, std::int64_t shift) { return reshape(roll(reshape(x, {-1}), shift, 0), x.shape()); }

Tensor squeeze(const Tensor& x, Axes axes) {
    unsigned mask = axes.mask(x.rank(), "squeeze");
    const bool given = mask != Axes(all).mask(x.rank(), "squeeze") || x.rank() == 0;
    for (int a = 0; a < x.rank(); ++a) {
        if (!(mask >> a & 1) || x.shape()[a] == 1) continue;
        require(!given, "squeeze: expected extent 1 along axis {}, got shape {}", a, x.shape());
        mask &= ~(1u << a);
    }
    return reshape(x, reduced(x.shape(), mask, false));
}
Tensor expand_dims(const Tensor& x, int axis) {
    const int at = normalize_axis(axis, x.rank() + 1, "expand_dims");
    Shape shape(x.shape().begin(), x.shape().begin() + at);
    shape.push_back(1);
    for (int a = at; a < x.rank(); ++a) shape.push_back(x.shape()[a]);
    return reshape(x, shape);
}
Tensor swapaxes(const Tensor& x, int a, int b) {
    int order[max_rank];
    for (int i = 0; i < x.rank(); ++i) order[i] = i;
    std::swap(order[normalize_axis(a, x.rank(), "swapaxes")], order[normalize_axis(b, x.rank(), "swapaxes")]);
    return detail::permute(x, order);
}
Tensor moveaxis(const Tensor& x, int from, int to) {
    const int own = normalize_axis(from, x.rank(), "moveaxis"), place = normalize_axis(to, x.rank(), "moveaxis");
    std::vector<int> order;
    for (int a = 0; a < x.rank(); ++a)
        if (a != own) order.push_back(a);
    order.insert(order.begin() + place, own);
    return detail::permute(x, order.data());
}

namespace {
/// The padded shape.
Shape check_padding(const Tensor& x, const std::vector<Padding>& padding) {
    require(int(padding.size()) == x.rank(), "pad: expected {} paddings for shape {}, got {}", x.rank(), x.shape(),
            padding.size());
    Shape shape = x.shape();
    for (int a = 0; a < x.rank(); ++a) {
        const auto [before, after] = padding[std::size_t(a)];
        require<std::invalid_argument>(before >= 0 && after >= 0, "pad: expected paddings >= 0, got {} and {}", before,
                                       after);
        shape[a] += before + after;
    }
    return shape;
}
}  // namespace
Tensor pad(const Tensor& x, const std::vector<Padding>& padding, double value) {
    const Shape shape = check_padding(x, padding);
    if (detail::is_batched(x)) {
        std::vector<Padding> outside{{0, 0}};
        outside.insert(outside.end(), padding.begin(), padding.end());
        return detail::batched(x, [&](const Tensor& examples) { return pad(examples, outside, value); });
    }
    Tensor y = full(shape, value, x.dtype());
    const detail::Region box = inside(shape, padding);
    kernel::scatter_strided(y, x, box.shape, box.strides, box.offset);
    return record("pad", std::move(y), wrt(x, [padding](const Tensor& dy) { return crop(dy, padding); }));
}

Tensor pad(const Tensor& x, const std::vector<Padding>& padding, PadMode mode) {
    check_padding(x, padding);
    for (int a = 0; a < x.rank(); ++a)
        require(x.shape()[a] > 0 || padding[std::size_t(a)].before + padding[std::size_t(a)].after == 0,
                "pad: expected at least one element along axis {}, got shape {}", a, x.shape());
    Tensor y = x;
    for (int a = 0; a < x.rank(); ++a) {
        const auto [before, after] = padding[std::size_t(a)];
        const auto n = x.shape()[a];
        if (before + after == 0) continue;
        Tensor from = Tensor::empty({before + n + after}, i64);
        // Reflected, positions repeat after there and back again; symmetric, each end counts twice.
        const bool ends_once = mode == PadMode::reflect;
        const auto period = mode == PadMode::wrap ? n : std::max<std::int64_t>(1, 2 * n - 2 * ends_once);
        for (std::int64_t i = -before; i < n + after; ++i) {
            const auto within = (i % period + period) % period;
            from.raw<std::int64_t>()[i + before] = mode == PadMode::edge ? std::clamp<std::int64_t>(i, 0, n - 1)
                                                   : within < n          ? within
                                                                         : period - within - !ends_once;
        }
        y = take(y, from, a);
    }
    return y;
}

Tensor concatenate(const std::vector<Tensor>& xs, int axis) {
    require<std::invalid_argument>(!xs.empty(), "concatenate: expected at least one tensor, got none");
    const int along = normalize_axis(axis, xs[0].rank(), "concatenate");
    DType dtype = xs[0].dtype();
    Shape shape = xs[0].shape();
    for (std::size_t i = 1; i < xs.size(); ++i) {
        Shape other = xs[i].shape();
        bool fits = other.rank() == shape.rank();
        for (int a = 0; fits && a < shape.rank(); ++a) fits = a == along || other[a] == shape[a];
        require(fits, "concatenate: expected the same extents but along axis {}, got {} and {}", along, xs[0].shape(),
                other);
        shape[along] += other[along];
        dtype = promote(dtype, xs[i].dtype());
    }
    int level = 0;
    for (const Tensor& x : xs) level = std::max(level, detail::level_of(x));
    if (level) {
        Tensors examples;
        for (const Tensor& x : xs) examples.push_back(detail::for_every_example(x, level));
        return detail::one_example(concatenate(examples, along + 1), level);
    }
    Tensor y = Tensor::empty(shape, dtype);
    std::int64_t at = 0;
    const auto strides = strides_of(shape);
    for (const Tensor& x : xs) {
        const Tensor values = x.detach().to(dtype);
        kernel::scatter_strided(y, values, x.shape(), strides.data(), at * strides[std::size_t(along)]);
        at += x.shape()[along];
    }
    return record_all("concatenate", std::move(y), xs,
                      [along, total = shape[along]](const std::vector<Shape>& shapes, std::size_t i, const Tensor& dy) {
                          std::int64_t before = 0;
                          for (std::size_t k = 0; k < i; ++k) before += shapes[k][along];
                          std::vector<Padding> cut(std::size_t(dy.rank()));
                          cut[std::size_t(along)] = {before, total - before - shapes[i][along]};
                          return crop(dy, cut);
                      });
}
Tensor stack(const std::vector<Tensor>& xs, int axis) {
    require<std::invalid_argument>(!xs.empty(), "stack: expected at least one tensor, got none");
    std::vector<Tensor> rows;
    const int along = normalize_axis(axis, xs[0].rank() + 1, "stack");
    for (const Tensor& x : xs) {
        require(x.shape() == xs[0].shape(), "stack: expected tensors of one shape, got {} and {}", xs[0].shape(),
                x.shape());
        rows.push_back(expand_dims(x, along));
    }
    return concatenate(rows, along);
}
std::vector<Tensor> split(const Tensor& x, std::int64_t parts, int axis) {
    const int along = normalize_axis(axis, x.rank(), "split");
    const auto n = x.shape()[along];
    require(parts > 0 && n % parts == 0, "split: expected a number of parts that divides {}, got {}", n, parts);
    std::vector<std::int64_t> cuts;
    for (std::int64_t i = 1; i < parts; ++i) cuts.push_back(i * (n / parts));
    return split(x, cuts, along);
}
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& cuts, int axis) {
    const int along = normalize_axis(axis, x.rank(), "split");
    const auto n = x.shape()[along];
    std::vector<std::int64_t> ends = cuts;
    ends.push_back(n);
    for (std::int64_t last = 0; auto end : ends) {
        require(last <= end && end <= n, "split: expected rising positions in [0, {}], got {} after {}", n, end, last);
        last = end;
    }
    std::vector<Tensor> pieces;
    for (std::int64_t first = 0; auto end : ends) {
        std::vector<Padding> cut(std::size_t(x.rank()));
        cut[std::size_t(along)] = {first, n - end};
        pieces.push_back(along == 0 ? slice(x, first, end) : crop(x, cut));
        first = end;
    }
    return pieces;
}

Tensor repeat(const Tensor& x, std::int64_t times, int axis) {
    const int along = normalize_axis(axis, x.rank(), "repeat");
    require<std::invalid_argument>(times >= 0, "repeat: expected times >= 0, got {}", times);
    Shape wide, shape = x.shape();
    for (int a = 0; a < x.rank(); ++a) {
        wide.push_back(x.shape()[a]);
        if (a == along) wide.push_back(times);
    }
    shape[along] *= times;
    return reshape(broadcast_to(expand_dims(x, along + 1), wide), shape);
}
Tensor tile(const Tensor& x, const Shape& times) {
    // Axis by axis: (1, n) repeated to (times, n).
    const int rank = std::max(x.rank(), times.rank());
    Shape split, wide, shape;
    for (int a = 0; a < rank; ++a) {
        const int own = a - (rank - x.rank()), listed = a - (rank - times.rank());
        const auto n = own < 0 ? 1 : x.shape()[own], count = listed < 0 ? 1 : times[listed];
        require<std::invalid_argument>(count >= 0, "tile: expected times >= 0, got {}", count);
        if (count != 1) split.push_back(1), wide.push_back(count);
        split.push_back(n), wide.push_back(n), shape.push_back(n * count);
    }
    return reshape(broadcast_to(reshape(x, split), wide), shape);
}

}  // namespace xg

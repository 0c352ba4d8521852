#include "indexing.h"
#include <cstring>
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../../tensor/kernels/plain.h"
#include "../record.h"
#include "arithmetic.h"
#include "layout.h"
#include "reduction.h"

namespace xg {

namespace {
/// Positions in [0, n) as int64; throws for one outside [-n, n).
Tensor positions(const Tensor& indices, std::int64_t n, const char* op) {
    require(!is_float(indices.dtype()) && indices.dtype() != boolean, "{}: expected integer indices, got {}", op,
            name_of(indices.dtype()));
    Tensor at = indices.detach().to(i64).copy();
    for (std::int64_t& i : std::span(at.raw<std::int64_t>(), std::size_t(at.numel()))) {
        require(-n <= i && i < n, "{}: expected indices in [-{}, {}), got {}", op, n, n, i);
        if (i < 0) i += n;
    }
    return at;
}
Shape row_shape(const Shape& shape) { return Shape(shape.begin() + 1, shape.end()); }
Shape joined(const Shape& a, const Shape& b) {
    Shape s = a;
    for (auto e : b) s.push_back(e);
    return s;
}

/// Rows of x in the order of `at`, whole rows at a time.
Tensor take_rows(const Tensor& x, const Tensor& at) {
    const Shape row = row_shape(x.shape());
    Tensor y = Tensor::empty(joined(at.shape(), row), x.dtype());
    const auto bytes = row.numel() * std::int64_t(size_of(x.dtype()));
    const auto* index = at.raw<std::int64_t>();
    const std::byte* from = x.impl()->data;
    std::byte* to = y.impl()->data;
    parallel(at.numel(), 2 + 0.05 * double(bytes), [&](std::int64_t first, std::int64_t last) {
        for (auto i = first; i < last; ++i) std::memcpy(to + i * bytes, from + index[i] * bytes, std::size_t(bytes));
    });
    return record("take", std::move(y),
                  wrt(x, [at, shape = x.shape()](const Tensor& dy) { return scatter_add(dy, at, shape); }));
}
/// The axes with `axis` first, or back.
Tensor axis_first(const Tensor& x, int axis, bool back = false) {
    if (axis == 0) return x;
    int order[max_rank];
    for (int a = 0; a < x.rank(); ++a)
        order[a] = back ? (a < axis ? a + 1 : a == axis ? 0 : a) : (a == 0 ? axis : a <= axis ? a - 1 : a);
    return detail::permute(x, order);
}
}  // namespace

Tensor take(const Tensor& x, const Tensor& indices, int axis) {
    require(x.rank() > 0, "take: expected at least one axis, got shape ()");
    const int along = normalize_axis(axis, x.rank(), "take");
    const Tensor at = positions(indices, x.shape()[along], "take");
    if (along == 0) return take_rows(x, at);
    // (n, before, after) -> (indices, before, after) -> (before, indices, after)
    const Tensor y = take_rows(axis_first(x, along), at);
    int order[max_rank], next = 0;
    for (int a = 0; a < along; ++a) order[next++] = at.rank() + a;
    for (int a = 0; a < at.rank(); ++a) order[next++] = a;
    for (int a = at.rank() + along; a < y.rank(); ++a) order[next++] = a;
    return detail::permute(y, order);
}

Tensor scatter_add(const Tensor& updates, const Tensor& indices, const Shape& shape) {
    require(shape.rank() > 0 && joined(indices.shape(), row_shape(shape)) == updates.shape(),
            "scatter_add: expected updates of the indices' shape and a row's, got updates {}, indices {} and shape {}",
            updates.shape(), indices.shape(), shape);
    const Tensor at = positions(indices, shape[0], "scatter_add");
    Tensor y = zeros(shape, updates.dtype());
    const auto row = row_shape(shape).numel();
    dispatch(updates.dtype(), [&]<class T> {
        // Columns are shared out, never rows: repeated rows are summed in one order.
        parallel(row, 2.0 * double(at.numel()), [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = 0; i < at.numel(); ++i) {
                const T* from = updates.raw<T>() + i * row;
                T* to = y.raw<T>() + at.raw<std::int64_t>()[i] * row;
                for (auto c = first; c < last; ++c) to[c] = T(to[c] + from[c]);
            }
        });
    });
    return record("scatter_add", std::move(y), wrt(updates, [at](const Tensor& dy) { return take(dy, at); }));
}

Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis) {
    require(x.rank() > 0 && x.rank() == indices.rank(), "take_along_axis: expected indices of rank {}, got {}",
            x.rank(), indices.shape());
    const int along = normalize_axis(axis, x.rank(), "take_along_axis");
    for (int a = 0; a < x.rank(); ++a)
        require(a == along || x.shape()[a] == indices.shape()[a],
                "take_along_axis: expected the same extents but along axis {}, got {} and {}", along, x.shape(),
                indices.shape());
    const Tensor at = positions(indices, x.shape()[along], "take_along_axis");
    std::int64_t inner = 1;
    for (int a = along + 1; a < x.rank(); ++a) inner *= x.shape()[a];
    // As positions in the flattened tensor, it is one take.
    Tensor flat = Tensor::empty(at.shape(), i64);
    const auto n = x.shape()[along], k = at.shape()[along];
    for (std::int64_t i = 0; i < flat.numel(); ++i)
        flat.raw<std::int64_t>()[i] = (i / (k * inner) * n + at.raw<std::int64_t>()[i]) * inner + i % inner;
    return take(reshape(x, {-1}), flat);
}

Tensor one_hot(const Tensor& labels, std::int64_t classes, DType dtype) {
    const Tensor at = labels.detach().to(i64);
    Tensor y = zeros(joined(labels.shape(), {classes}), dtype);
    for (std::int64_t r = 0; r < at.numel(); ++r) {
        const auto label = at.raw<std::int64_t>()[r];
        require(0 <= label && label < classes, "one_hot: expected labels in [0, {}), got {} in row {}", classes, label,
                r);
    }
    dispatch(dtype, [&]<class T> {
        for (std::int64_t r = 0; r < at.numel(); ++r) y.raw<T>()[r * classes + at.raw<std::int64_t>()[r]] = T(1);
    });
    return y;
}

namespace {
/// Where a basic index (integers, slices, newaxis, ellipsis) reads: a strided box of the tensor.
struct Box {
    Shape shape;
    std::int64_t strides[max_rank] = {}, offset = 0;
    bool window = true;  // contiguous: a view will do

    void axis(std::int64_t extent, std::int64_t stride) {
        strides[shape.rank()] = stride;
        shape.push_back(extent);
    }
};

/// Replaces the ellipsis, and appends what is missing, by whole axes.
std::vector<Index> complete(const Tensor& x, const std::vector<Index>& indices) {
    int used = 0, rests = 0;
    for (const Index& i : indices) {
        rests += i.kind == Index::Kind::rest;
        used += i.kind == Index::Kind::picked && i.tensor.dtype() == boolean
                    ? i.tensor.rank()
                    : i.kind != Index::Kind::rest && i.kind != Index::Kind::fresh;
    }
    require(rests <= 1, "index: expected at most one ellipsis, got {}", rests);
    require(used <= x.rank(), "index: expected at most {} indices for shape {}, got {}", x.rank(), x.shape(), used);
    std::vector<Index> all;
    const auto fill = [&] {
        for (int a = used; a < x.rank(); ++a) all.emplace_back(xg::all);
    };
    for (const Index& i : indices) {
        if (i.kind == Index::Kind::rest) fill();
        else all.push_back(i);
    }
    if (!rests) fill();
    return all;
}
struct Range {
    std::int64_t first, count;
};
Range range_of(const Slice& s, std::int64_t n) {
    require<std::invalid_argument>(s.step != 0, "index: expected a step other than 0, got 0");
    const bool down = s.step < 0;
    const auto bound = [&](std::int64_t i) {
        return std::clamp<std::int64_t>(i < 0 ? i + n : i, down ? -1 : 0, down ? n - 1 : n);
    };
    const auto first = s.first ? bound(*s.first) : down ? n - 1 : 0, last = s.last ? bound(*s.last) : down ? -1 : n;
    const auto span = down ? first - last : last - first, step = down ? -s.step : s.step;
    return {first, span > 0 ? (span + step - 1) / step : 0};
}
/// Tensors among the indices count as whole axes here.
Box box_of(const Tensor& x, const std::vector<Index>& indices) {
    Box box;
    std::int64_t stride = x.numel();
    int axis = 0;
    bool leading = true;  // all axes so far fixed or of extent one
    for (const Index& i : indices) {
        if (i.kind == Index::Kind::fresh) {
            box.axis(1, 0);
            continue;
        }
        const auto n = x.shape()[axis++];
        stride = n ? stride / n : 0;
        if (i.kind == Index::Kind::position) {
            const auto at = i.integer < 0 ? i.integer + n : i.integer;
            require(0 <= at && at < n, "index: expected a position in [-{}, {}) along axis {}, got {}", n, n, axis - 1,
                    i.integer);
            box.offset += at * stride;
            box.window &= leading || n == 1;
        } else {
            const Range r = i.kind == Index::Kind::range ? range_of(i.slice, n) : Range{0, n};
            const auto step = i.kind == Index::Kind::range ? i.slice.step : 1;
            box.offset += r.count ? r.first * stride : 0;
            box.axis(r.count, step * stride);
            box.window &= r.count == n && step == 1 ? true : leading && (step == 1 || r.count == 1);
            leading &= r.count == 1;
        }
    }
    return box;
}
Tensor place(const Tensor& dy, const Shape& shape, const Box& box);
Tensor read(const Tensor& x, const Box& box) {
    Tensor y =
        box.window ? x.window(box.shape, box.offset) : kernel::gather_strided(x, box.shape, box.strides, box.offset);
    return record("index", std::move(y),
                  wrt(x, [box, shape = x.shape()](const Tensor& dy) { return place(dy, shape, box); }));
}
/// dy in zeros of `shape`; the reverse of read.
Tensor place(const Tensor& dy, const Shape& shape, const Box& box) {
    Tensor y = zeros(shape, dy.dtype());
    kernel::scatter_strided(y, dy, box.shape, box.strides, box.offset);
    return record("place", std::move(y), wrt(dy, [box](const Tensor& ddy) { return read(ddy, box); }));
}

/// The positions where a bool mask is true, one int64 tensor an axis of the mask.
std::vector<Index> true_positions(const Tensor& mask) {
    std::vector<std::vector<std::int64_t>> at(std::size_t(mask.rank()));
    for (std::int64_t i = 0; i < mask.numel(); ++i) {
        if (!mask.raw<bool>()[i]) continue;
        auto rest = i;
        for (int a = mask.rank() - 1; a >= 0; --a) {
            at[std::size_t(a)].push_back(rest % mask.shape()[a]);
            rest /= mask.shape()[a];
        }
    }
    std::vector<Index> all;
    for (auto& axis : at) all.emplace_back(Tensor::of<std::int64_t>({axis.size()}, axis));
    return all;
}
/// Bool masks become positions; throws if a mask does not fit its axes.
std::vector<Index> without_masks(const Tensor& x, const std::vector<Index>& indices) {
    std::vector<Index> out;
    int axis = 0;
    for (const Index& i : indices) {
        if (i.kind == Index::Kind::picked && i.tensor.dtype() == boolean) {
            for (int a = 0; a < i.tensor.rank(); ++a)
                require(i.tensor.shape()[a] == x.shape()[axis + a],
                        "index: expected a mask of the axes' extents, got mask {} for shape {}", i.tensor.shape(),
                        x.shape());
            for (Index& each : true_positions(i.tensor)) out.push_back(std::move(each));
            axis += i.tensor.rank();
        } else {
            out.push_back(i);
            axis += i.kind != Index::Kind::fresh;
        }
    }
    return out;
}

/// Every element that the indices name, as a position in the flattened tensor: NumPy's rule, in one int64 tensor.
Tensor named_elements(const Tensor& x, std::vector<Index> indices) {
    indices = without_masks(x, complete(x, indices));
    Shape picked;
    bool first_seen = false, apart = false, ended = false;
    for (const Index& i : indices) {
        // An integer beside tensors counts as one of them.
        const bool advanced = i.kind == Index::Kind::picked || i.kind == Index::Kind::position;
        if (i.kind == Index::Kind::picked)
            picked = first_seen ? broadcast(picked, i.tensor.shape(), "index") : i.tensor.shape();
        apart |= advanced && ended;
        ended |= !advanced && first_seen;
        first_seen |= advanced;
    }
    // Each index contributes position * stride along its own axes of the result.
    int before = 0;  // result axes before the picked ones
    if (!apart)
        for (const Index& i : indices) {
            if (i.kind == Index::Kind::picked || i.kind == Index::Kind::position) break;
            ++before;
        }
    std::vector<Tensor> parts;
    int ordinary = 0;
    for (const Index& i : indices) ordinary += i.kind == Index::Kind::range || i.kind == Index::Kind::fresh;
    const auto shaped = [&](const Tensor& t, int axis, int width) {  // t's axes at [axis, axis + width) of the result
        Shape s;
        for (int a = 0; a < axis; ++a) s.push_back(1);
        for (int a = t.rank(); a < width; ++a) s.push_back(1);
        for (auto e : t.shape()) s.push_back(e);
        for (int a = axis + width; a < ordinary + picked.rank(); ++a) s.push_back(1);
        return reshape(t, s);
    };
    Tensor total = zeros({}, i64);
    std::int64_t stride = x.numel();
    int axis = 0, seen = 0;
    for (const Index& i : indices) {
        const int own = apart ? picked.rank() + seen : seen < before ? seen : seen + picked.rank();
        if (i.kind == Index::Kind::fresh) {
            total = total + shaped(zeros({1}, i64), own, 1);
            ++seen;
            continue;
        }
        const auto n = x.shape()[axis++];
        stride = n ? stride / n : 0;
        if (i.kind == Index::Kind::range) {
            const Range r = range_of(i.slice, n);
            total = total + shaped((arange(0, r.count, 1) * i.slice.step + r.first) * stride, own, 1);
            ++seen;
        } else {
            const Tensor at =
                positions(i.kind == Index::Kind::picked ? i.tensor : full({}, i.integer, i64), n, "index");
            total = total + shaped(at * stride, before, picked.rank());
        }
    }
    return total;
}
bool basic(const std::vector<Index>& indices) {
    for (const Index& i : indices)
        if (i.kind == Index::Kind::picked) return false;
    return true;
}
}  // namespace

Indexed detail::index(const Tensor& x, std::vector<Index> indices) {
    Tensor y =
        basic(indices) ? read(x, box_of(x, complete(x, indices))) : take(reshape(x, {-1}), named_elements(x, indices));
    return Indexed(std::move(y), x, std::move(indices));
}

void Indexed::operator=(Scalar x) && { write(scalar_like(x, base_)); }

void Indexed::write(const Tensor& x) {
    require<std::logic_error>(!modes.grad || (!base_.requires_grad() && !x.requires_grad()),
                              "index assignment: expected tensors that no gradient is recorded for, got one that "
                              "requires a gradient; use where(), or NoGrad");
    require(broadcast(x.shape(), shape(), "index assignment") == shape(),
            "index assignment: expected values that broadcast to {}, got {}", shape(), x.shape());
    const Tensor values = broadcast_to(x.detach().to(base_.dtype()), shape());
    const Tensor at = basic(indices_) ? Tensor() : named_elements(base_, indices_);
    base_.bump_version("index assignment");
    if (!at.defined()) {
        const Box box = box_of(base_, complete(base_, indices_));
        return kernel::scatter_strided(base_, values, box.shape, box.strides, box.offset);
    }
    dispatch(base_.dtype(), [&]<class T> {
        for (std::int64_t i = 0; i < at.numel(); ++i) base_.raw<T>()[at.raw<std::int64_t>()[i]] = values.raw<T>()[i];
    });
}

}  // namespace xg

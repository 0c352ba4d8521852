// a(...) as NumPy reads it, and assignment to it.
#include <algorithm>
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"
#include "arithmetic.h"
#include "indexing.h"
#include "layout.h"
#include "strided.h"

namespace xg {

using detail::Region, detail::positions, detail::read;

namespace {
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
Region box_of(const Tensor& x, const std::vector<Index>& indices) {
    Region box;
    box.window = true;
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
            for (Tensor& each : nonzero(i.tensor)) out.emplace_back(std::move(each));
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
    Tensor y = basic(indices) ? read("index", x, box_of(x, complete(x, indices)))
                              : take(reshape(x, {-1}), named_elements(x, indices));
    return Indexed(std::move(y), x, std::move(indices));
}

Indexed Indexed::within(Indexed inner) const {
    inner.lost_ = lost_ || impl()->storage.get() != base_.impl()->storage.get();
    return inner;
}
void Indexed::operator=(Scalar x) && { write(scalar_like(x, base_), "index assignment"); }

void Indexed::update(const Tensor& x, const char* op) {
    require(is_float(dtype()) || promote(x.dtype(), dtype()) == dtype(), "{}: expected values that fit {}, got {}", op,
            name_of(dtype()), name_of(x.dtype()));
    write(x, op);
}

void Indexed::write(const Tensor& x, const char* op) {
    require<std::logic_error>(!lost_,
                              "{}: expected an index of a tensor, got an index of a copy that another index made; use "
                              "a(i, j) for a(i)(j)",
                              op);
    require<std::logic_error>(!modes.grad || (!base_.requires_grad() && !x.requires_grad()),
                              "{}: expected tensors that no gradient is recorded for, got one that requires a "
                              "gradient; use where(), or NoGrad",
                              op);
    require(broadcast(x.shape(), shape(), op) == shape(), "{}: expected values that broadcast to {}, got {}", op,
            shape(), x.shape());
    const Tensor values = broadcast_to(x.detach().to(base_.dtype()), shape());
    const Tensor at = basic(indices_) ? Tensor() : named_elements(base_, indices_);
    base_.bump_version(op);
    if (!at.defined()) {
        const Region box = box_of(base_, complete(base_, indices_));
        return kernel::scatter_strided(base_, values, box.shape, box.strides, box.offset);
    }
    dispatch(base_.dtype(), [&]<class T> {
        for (std::int64_t i = 0; i < at.numel(); ++i) base_.raw<T>()[at.raw<std::int64_t>()[i]] = values.raw<T>()[i];
    });
}

}  // namespace xg

#pragma once
#include <concepts>
#include <functional>
#include <optional>
#include <vector>
#include "../tensor/markers.h"
#include "../tensor/tensor.h"

namespace xg {

struct VmapOptions {
    std::vector<std::optional<int>> in_axes = {};  // of the examples in each input, `none`: the same for all; default 0
    int out_axis = 0;
};

namespace detail {
Tensors vmap(const std::function<Tensors(const Tensors&)>& f, const Tensors& xs, const VmapOptions& options);
}
/// f, written for one example, on all examples along an axis of each input, as single operations on all of them. Where
/// an operation has no rule for that, f runs once an example, and a line on stderr says so once, naming the operation.
/// f takes as many tensors as are listed and gives one, or Tensors.
template <class F, std::size_t n> auto vmap(const F& f, const Tensor (&xs)[n], const VmapOptions& options = {}) {
    const auto unpack = [&]<std::size_t... i>(const Tensors& x, std::index_sequence<i...>) { return f(x[i]...); };
    constexpr auto each = std::make_index_sequence<n>();
    if constexpr (std::is_convertible_v<decltype(unpack(Tensors(), each)), Tensor>)
        return detail::vmap([&](const Tensors& x) { return Tensors{unpack(x, each)}; }, Tensors(xs, xs + n),
                            options)[0];
    else
        return detail::vmap([&](const Tensors& x) -> Tensors { return unpack(x, each); }, Tensors(xs, xs + n), options);
}
/// A list whose length is not known here: f takes Tensors.
template <class F, std::same_as<Tensors> T> auto vmap(const F& f, const T& xs, const VmapOptions& options = {}) {
    if constexpr (std::is_convertible_v<decltype(f(xs)), Tensor>)
        return detail::vmap([&](const Tensors& x) { return Tensors{f(x)}; }, xs, options)[0];
    else return detail::vmap(f, xs, options);
}
/// `vmap(f, x)`: every row of x.
template <class F, std::same_as<Tensor> T> auto vmap(const F& f, const T& x, const VmapOptions& options = {}) {
    return vmap(f, {x}, options);
}

}  // namespace xg

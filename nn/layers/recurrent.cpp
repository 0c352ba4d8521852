#include "recurrent.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/dropout.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "../../tensor/create.h"
#include "draw.h"
#include "recurrent_settings.h"

namespace xg {

Tensors RecurrentCell::zero_states(const Shape& input, DType dtype) const {
    Tensors states;
    for (const Shape& shape : state_shapes(input)) states.push_back(zeros(shape, is_float(dtype) ? dtype : f32));
    return states;
}
void RecurrentCell::expect_states(const Shape& input, const Tensors& states) const {
    const auto shapes = state_shapes(input);
    require(states.size() == shapes.size(), "expected {} states, got {}", shapes.size(), states.size());
    for (std::size_t i = 0; i < shapes.size(); ++i)
        require(states[i].shape() == shapes[i], "expected state {} of shape {}, got {}", i, shapes[i],
                states[i].shape());
}
Recurrence RecurrentCell::step(const Tensor& x, const Tensors& states) {
    return enter(x, [&] {
        expect_states(x.shape(), states);
        return next(x, states);
    });
}
Tensors RecurrentCell::forward_all(const Tensors& in) {
    const Tensors states =
        in.size() > 1 ? Tensors(in.begin() + 1, in.end()) : zero_states(in[0].shape(), in[0].dtype());
    expect_states(in[0].shape(), states);
    auto [y, more] = next(in[0], states);
    more.insert(more.begin(), y);
    return more;
}
Recurrence RecurrentCell::scan(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) {
    return enter(built() ? x : swapaxes(x, 0, 1)[0], [&] {
        if (!states.empty()) expect_states(step_shape(x), states);
        return over_time(x, states, mask, sequences);
    });
}
Recurrence RecurrentCell::over_time(const Tensor& x, const Tensors& initial, const Tensor& mask, bool sequences) {
    const Tensor steps = swapaxes(x, 0, 1), kept = mask.defined() ? swapaxes(mask, 0, 1) : Tensor();
    Tensors states = initial.empty() ? zero_states(step_shape(x), x.dtype()) : initial, ys;
    Tensor y;
    std::vector<RandomKey> keys;
    for (std::int64_t t = 0; t < x.shape()[1]; ++t) {
        const Redraw same(keys);
        auto [now, after] = next(steps[t], states);
        if (kept.defined()) {
            now = where(detail::beside(kept[t], now), now, y.defined() ? y : zeros_like(now));
            for (std::size_t i = 0; i < after.size(); ++i)
                after[i] = where(detail::beside(kept[t], after[i]), after[i], states[i]);
        }
        y = now, states = std::move(after);
        if (sequences) ys.push_back(y);
    }
    return {sequences ? stack(ys, 1) : y, states};
}
Tensor RecurrentCell::drop(const Tensor& x, double rate, std::int64_t seed) {
    if (!modes.training || rate == 0) return x;
    return dropout(x, rate, detail::draw(seed, draws_));
}
Tensor RecurrentCell::drop_features(const Tensor& x, double rate, std::int64_t seed) {
    if (!modes.training || rate == 0) return x;
    return x * drop(ones({x.shape()[0], 1, x.shape().back()}, x.dtype()), rate, seed);
}
Tensor RecurrentCell::from_first_real(const Tensor& y, const Tensors& initial, const Tensor& mask) {
    if (!mask.defined() || initial.empty()) return y;
    const Tensor real = y.rank() == 3 ? cumsum(mask.to(i64), 1) > 0 : any(mask, 1);
    return where(detail::beside(real, y), y, 0);
}
void RecurrentCell::expect_features(const Tensor& x, const Tensor& kernel) {
    require(x.shape().back() == kernel.shape()[0], "expected last axis {}, got input {}", kernel.shape()[0], x.shape());
}

StackedRNNCells::StackedRNNCells(const std::vector<std::shared_ptr<RecurrentCell>>& cells) {
    require<std::invalid_argument>(!cells.empty(), "StackedRNNCells: expected at least one cell, got none");
    for (auto& cell : cells) {
        cells_.push_back(cell.get());
        adopt(std::to_string(children().size()), cell);
    }
}
std::vector<Shape> StackedRNNCells::state_shapes(const Shape& input) const {
    std::vector<Shape> list;
    Shape x = input;
    for (const RecurrentCell* cell : cells_) {
        const auto shapes = cell->state_shapes(x);
        list.insert(list.end(), shapes.begin(), shapes.end());
        x = shapes.at(0);
    }
    return list;
}
template <class F>
Recurrence StackedRNNCells::upwards(const Tensor& x, Shape input, const Tensors& states, const F& f) const {
    Recurrence top{x, {}};
    auto from = states.begin();
    for (RecurrentCell* cell : cells_) {
        const auto shapes = cell->state_shapes(input);
        const auto to = states.empty() ? from : from + std::ptrdiff_t(shapes.size());
        Recurrence one = f(*cell, top.y, Tensors(from, to));
        from = to;
        top.y = std::move(one.y);
        top.states.insert(top.states.end(), one.states.begin(), one.states.end());
        input = shapes.at(0);
    }
    return top;
}
Recurrence StackedRNNCells::next(const Tensor& x, const Tensors& states) {
    return upwards(x, x.shape(), states,
                   [](RecurrentCell& cell, const Tensor& in, const Tensors& own) { return cell.step(in, own); });
}
/// One cell after the other over all steps: what a cell gets in a masked step changes nothing.
Recurrence StackedRNNCells::over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) {
    return upwards(x, step_shape(x), states, [&](RecurrentCell& cell, const Tensor& in, const Tensors& own) {
        return cell.scan(in, own, mask, sequences || &cell != cells_.back());
    });
}
namespace {
struct CellList {
    std::vector<std::shared_ptr<Module>> cells;
};
template <class F> void fields(CellList& o, F&& field) { field("cells", o.cells); }
}  // namespace
void StackedRNNCells::describe(Config& config) const {
    CellList list;
    for (const Child& c : children()) list.cells.push_back(c.module);
    write(config, list);
}
StackedRNNCells StackedRNNCells::from_config(const Config& config) {
    std::vector<std::shared_ptr<RecurrentCell>> cells;
    for (auto& cell : read<CellList>("StackedRNNCells", config).cells)
        cells.push_back(inner<RecurrentCell>("StackedRNNCells", cell));
    return StackedRNNCells(cells);
}

template <class F> void fields(RNNOptions& o, F&& field) { sequence_fields(o, field); }

RNN::RNN(std::shared_ptr<RecurrentCell> cell, RNNOptions options)
    : options_(std::move(options)), cell_(child("cell", std::move(cell))) {}

Recurrence RNN::recur(const Tensor& given, const Tensors& states) {
    require(given.rank() >= 3 && given.shape()[1] > 0,
            "expected input (batch, steps, ...) with at least one step, got {}", given.shape());
    const Shape steps{given.shape()[0], given.shape()[1]};
    Tensor mask = given.mask();
    require(!mask.defined() || mask.shape() == steps, "expected a mask of shape {}, got {}", steps,
            mask.defined() ? mask.shape() : steps);
    if (mask.defined()) mask = mask.detach().to(boolean);
    Tensor x = given;
    if (options_.go_backwards) {
        x = flip(x, 1);
        if (mask.defined()) mask = flip(mask, 1);
    }
    const bool goes_on = states.empty() && options_.stateful && !kept_.empty();
    require(!goes_on || kept_[0].shape()[0] == steps[0], "expected a batch of {} as before reset_states(), got {}",
            goes_on ? kept_[0].shape()[0] : 0, steps[0]);
    Recurrence r = cell_.scan(x, goes_on ? kept_ : states, mask, options_.return_sequences);
    if (mask.defined() && options_.zero_output_for_mask) {
        const Tensor real = options_.return_sequences ? mask : swapaxes(mask, 0, 1)[-1];
        r.y = where(detail::beside(real, r.y), r.y, 0);
    }
    if (options_.stateful) {
        kept_.clear();
        for (const Tensor& state : r.states) kept_.push_back(state.detach());
    }
    if (mask.defined() && options_.return_sequences) r.y.set_mask(mask);
    regularized(r.y, options_.activity_regularizer);
    if (options_.return_state)
        for (const Tensor& state : r.states) regularized(state, options_.activity_regularizer);
    return r;
}
Tensor RNN::forward(const Tensors& in) {
    require<std::logic_error>(
        !options_.return_state,
        "{}: expected run() or outputs(), as return_state gives several outputs, got a call for one", type());
    return recur(in[0], Tensors(in.begin() + 1, in.end())).y;
}
Tensors RNN::forward_all(const Tensors& in) {
    auto [y, states] = recur(in[0], Tensors(in.begin() + 1, in.end()));
    if (!options_.return_state) states.clear();
    states.insert(states.begin(), y);
    return states;
}
void RNN::reset_states() {
    require<std::logic_error>(options_.stateful, "reset_states: expected a stateful layer, got {} that is not", type());
    kept_.clear();
}
void RNN::describe_flat(Config& config) const {
    cell_.describe(config);
    write(config, options_);
}
void RNN::describe(Config& config) const {
    config.set("cell", cell_);
    write(config, options_);
}
namespace {
struct RNNSettings {
    std::vector<std::shared_ptr<Module>> cells;
    RNNOptions options;
};
template <class F> void fields(RNNSettings& o, F&& field) {
    field("cell", o.cells);
    fields(o.options, field);
}
}  // namespace
RNN RNN::from_config(const Config& config) {
    const auto settings = read<RNNSettings>("RNN", config);
    std::vector<std::shared_ptr<RecurrentCell>> cells;
    for (const auto& cell : settings.cells) cells.push_back(inner<RecurrentCell>("RNN", cell));
    return cells.size() == 1 ? RNN(cells[0], settings.options) : RNN(StackedRNNCells(cells), settings.options);
}

}  // namespace xg

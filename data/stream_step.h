#pragma once
#include <type_traits>
#include "stream_node.h"

namespace xg::detail {

/// A cursor over another one, made by a function of it.
template <class State> struct Step : Cursor {
    std::unique_ptr<Cursor> inner;
    State state;
    std::optional<Tensors> (*advance)(Cursor& inner, State& state);
    void (*leave_out)(Cursor& inner, State& state, std::int64_t n);

    std::optional<Tensors> next() override { return advance(*inner, state); }
    void skip(std::int64_t n) override {
        if (leave_out) leave_out(*inner, state, n);
        else Cursor::skip(n);
    }
};
/// A node whose passes are steps: `begin(epoch)` gives what a pass starts with.
template <class State> struct StepNode : StreamNode {
    Recipe inner;
    std::function<State(std::uint64_t)> begin;
    decltype(Step<State>::advance) advance;
    decltype(Step<State>::leave_out) leave_out = nullptr;
    std::int64_t (*count)(std::int64_t inner_size, const State&) = nullptr;  // null: not known before

    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        auto step = std::make_unique<Step<State>>();
        step->inner = inner->start(epoch), step->state = begin(epoch);
        step->advance = advance, step->leave_out = leave_out;
        return step;
    }
    std::int64_t size() const override {
        const auto n = inner->size();
        return n == endless_size ? endless_size : n < 0 || !count ? unknown_size : count(n, begin(0));
    }
};
template <class State> Recipe step(Recipe inner, std::type_identity_t<std::function<State(std::uint64_t)>> begin,
                                   std::type_identity_t<decltype(Step<State>::advance)> advance,
                                   std::type_identity_t<decltype(Step<State>::leave_out)> leave_out = nullptr,
                                   std::type_identity_t<decltype(StepNode<State>::count)> count = nullptr) {
    auto node = std::make_shared<StepNode<State>>();
    node->inner = std::move(inner), node->begin = std::move(begin);
    node->advance = advance, node->leave_out = leave_out, node->count = count;
    return node;
}

}  // namespace xg::detail

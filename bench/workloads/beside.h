#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>
#include "../../xgrad.h"
#include "../harness.h"

namespace bench {

/// Steps of a network written by hand on batches of `data` in turn.
template <class Hand> Work by_hand(std::shared_ptr<Hand> hand, std::vector<xg::Dataset> data) {
    return {[hand, data, at = std::size_t(0)](int steps) mutable {
        for (int i = 0; i < steps; ++i) {
            const auto& [x, y] = data[at++ % data.size()];
            hand->step(x.template raw<typename Hand::Input>(), y.template raw<std::int64_t>());
        }
    }};
}
/// Of the losses over five steps of Adam from the same weights.
template <class Hand>
double difference(xg::Module& net, Hand& hand, const std::vector<xg::Dataset>& data, const xg::Box<xg::Loss>& loss) {
    xg::Adam adam({.learning_rate = 1e-3});
    double worst = 0;
    for (std::size_t k = 0; k < 5; ++k) {
        const auto& [x, y] = data[k];
        const xg::Tensor ours = (*loss)(y, net(x));
        const double theirs = hand.step(x.template raw<typename Hand::Input>(), y.template raw<std::int64_t>());
        worst = std::max(worst, std::abs(ours.item() - theirs) / std::abs(theirs));
        adam.minimize(ours, net.parameters());
    }
    return worst;
}
/// Each parameter in turn to the same place.
template <class Hand> void copy(xg::Module& from, Hand& to) {
    int i = 0;
    for (auto& [name, value] : from.named_parameters())
        std::copy_n(value.template raw<float>(), value.numel(), to.parameter(i++));
}

}  // namespace bench

#pragma once
#include <memory>
#include <string>
#include <vector>
#include "../../xgrad.h"
#include "../bounds/mlp.h"
#include "../harness.h"

namespace bench {

/// A ReLU network of these layer sizes, trained by Adam on batches of this size.
struct Mlp {
    std::vector<int> sizes;
    int batch;
    bool classifies = true;
    double dropout = 0;

    xg::Sequential net(double dropout_rate) const;
    xg::Sequential net() const { return net(dropout); }
    std::vector<xg::Dataset> data() const;
    HandWrittenMlp by_hand(double dropout_rate) const;
    double flops() const;
};
/// A training step as a user writes it: forward, loss, minimize; batches of `data` in turn.
Work training(std::shared_ptr<xg::Module> net, std::vector<xg::Dataset> data, xg::Box<xg::Loss> loss);
/// The network's sizes as W1 to W4 have them.
const Mlp& mlp(const std::string& workload);

}  // namespace bench

#pragma once
#include "../module.h"
#include "extents.h"

namespace xg {

struct DropoutOptions {
    double rate = 0;
    Extents noise_shape = {};  // broadcasts to the input's: one draw for all along an axis of 1
    std::int64_t seed = -1;    // -1: from the global stream
};
/// In training each value is 0 with probability `rate`, else divided by 1 - rate; otherwise the input unchanged.
class Dropout : public Module {
public:
    explicit Dropout(double rate) : Dropout(DropoutOptions{.rate = rate}) {}
    explicit Dropout(DropoutOptions options);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Dropout from_config(const Config& config);

private:
    DropoutOptions options_;
    std::uint64_t& calls_ = counter("calls");
};

}  // namespace xg

#pragma once
#include <string>
#include "../module.h"

namespace xg {

/// What layers over one to three spatial axes share: they look at (batch, spatial axes..., channels) whatever the
/// data_format. With channels_first, input and output are (batch, channels, spatial axes...).
class SpatialLayer : public Module {
public:
    Tensor forward(const Tensor& x) override;

protected:
    SpatialLayer(int rank, const char* layer, const std::string& data_format);
    /// The output for x with the channels last.
    virtual Tensor apply(const Tensor& x) = 0;
    /// Of an input; throws unless it has that many spatial axes.
    std::int64_t channels_of(const Shape& input) const;
    /// Throws unless that many channels come in.
    void expect_channels(std::int64_t channels, const Shape& input) const;

    int rank_;
    bool channels_first_;
};

}  // namespace xg

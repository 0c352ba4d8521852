#pragma once
#include <string>
#include "../../tensor/random.h"
#include "image.h"

namespace xg {

// Images (batch, height, width, channels), or one without the batch, changed by chance in training, each in its own
// way; otherwise unchanged. A seed of -1 draws from the global stream.

struct RandomFlipOptions {
    std::string mode = "horizontal_and_vertical";  // horizontal, vertical
    std::int64_t seed = -1;
};
/// Turned over, left for right or top for bottom, half of the time.
class RandomFlip : public Module {
public:
    explicit RandomFlip(RandomFlipOptions options = {});
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomFlip from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    RandomFlipOptions options_;
    std::uint64_t& calls_ = counter("calls");
};

struct RandomCropOptions {
    std::int64_t height = 0, width = 0;
    std::int64_t seed = -1;
};
/// A part of that size, the same place for a batch; out of training, and of smaller images, as CenterCrop does it.
class RandomCrop : public Module {
public:
    RandomCrop(std::int64_t height, std::int64_t width) : RandomCrop(RandomCropOptions{height, width}) {}
    explicit RandomCrop(RandomCropOptions options);
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomCrop from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    RandomCropOptions options_;
    std::uint64_t& calls_ = counter("calls");
};

struct RandomColorOptions {
    std::vector<double> factor = {};  // {lower, upper}, or one number
    std::vector<double> value_range = {0, 255};
    std::int64_t seed = -1;
};
/// (x - mean) f + mean with the mean of each channel, f in [1 - lower, 1 + upper], [1, 1 + factor] for one number (as
/// in Keras); cut to value_range.
class RandomContrast : public Module {
public:
    explicit RandomContrast(double factor) : RandomContrast(RandomColorOptions{.factor = {factor}}) {}
    explicit RandomContrast(RandomColorOptions options);
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomContrast from_config(const Config& config);

private:
    RandomColorOptions options_;
    std::uint64_t& calls_ = counter("calls");
};
/// x + d times the width of value_range, d in [lower, upper] or [-factor, factor]; cut to value_range.
class RandomBrightness : public Module {
public:
    explicit RandomBrightness(double factor) : RandomBrightness(RandomColorOptions{.factor = {factor}}) {}
    explicit RandomBrightness(RandomColorOptions options);
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomBrightness from_config(const Config& config);

private:
    RandomColorOptions options_;
    std::uint64_t& calls_ = counter("calls");
};

namespace detail {
/// {lower, upper} from one number for both sides, or two; throws unless both are in [-1, 1].
std::pair<double, double> both_sides(const char* layer, const char* name, const std::vector<double>& factor);
}  // namespace detail

}  // namespace xg

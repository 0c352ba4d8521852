#pragma once
#include "random_image.h"

namespace xg {

// Images moved by chance in training, each in its own way; otherwise unchanged.

struct RandomRotationOptions {
    std::vector<double> factor = {};         // in full turns: {lower, upper}, or one number for both sides
    std::string fill_mode = "reflect";       // wrap, constant, nearest: what stands beyond the edges
    std::string interpolation = "bilinear";  // nearest
    std::int64_t seed = -1;
    double fill_value = 0;
};
/// Turned about the middle by a share of a full turn, counterclockwise.
class RandomRotation : public Module {
public:
    explicit RandomRotation(double factor) : RandomRotation(RandomRotationOptions{.factor = {factor}}) {}
    explicit RandomRotation(RandomRotationOptions options);
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomRotation from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    RandomRotationOptions options_;
    std::uint64_t& calls_ = counter("calls");
};
struct RandomShiftOptions {
    std::vector<double> height_factor = {}, width_factor = {};  // {lower, upper}, or one number for both sides
    std::string fill_mode = "reflect";                          // wrap, constant, nearest
    std::string interpolation = "bilinear";                     // nearest
    std::int64_t seed = -1;
    double fill_value = 0;
};
/// Seen through a window (1 + height_factor) and (1 + width_factor) times as large: positive zooms out. Without a
/// width_factor the proportions stay.
class RandomZoom : public Module {
public:
    explicit RandomZoom(double height_factor) : RandomZoom(RandomShiftOptions{.height_factor = {height_factor}}) {}
    explicit RandomZoom(RandomShiftOptions options);
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomZoom from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    RandomShiftOptions options_;
    std::uint64_t& calls_ = counter("calls");
};
/// Moved down and to the right by shares of height and width.
class RandomTranslation : public Module {
public:
    RandomTranslation(double height_factor, double width_factor)
        : RandomTranslation(RandomShiftOptions{.height_factor = {height_factor}, .width_factor = {width_factor}}) {}
    explicit RandomTranslation(RandomShiftOptions options);
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static RandomTranslation from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    RandomShiftOptions options_;
    std::uint64_t& calls_ = counter("calls");
};

}  // namespace xg

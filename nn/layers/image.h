#pragma once
#include <string>
#include "../module.h"

namespace xg {

// Images (batch, height, width, channels), or one without the batch; with data_format channels_first the channels stand
// before the height.

struct ResizingOptions {
    std::int64_t height = 0, width = 0;
    std::string interpolation = "bilinear";  // nearest, bilinear, bicubic, lanczos3, lanczos5, area
    bool crop_to_aspect_ratio = false;       // cuts off what does not fit, rather than change the proportions
    bool pad_to_aspect_ratio = false;        // or adds fill_value around it
    double fill_value = 0;
    bool antialias = false;  // makes smaller by weighing all the pixels that are covered
    std::string data_format = "channels_last";
};
/// Images of another size, pixel centres at halves. Integers are rounded back to integers.
class Resizing : public Module {
public:
    Resizing(std::int64_t height, std::int64_t width, ResizingOptions options = {});
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static Resizing from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    Tensor resized(const Tensor& images) const;
    ResizingOptions options_;
};

struct CenterCropOptions {
    std::int64_t height = 0, width = 0;
    std::string data_format = "channels_last";
};
/// The middle of an image; of a smaller one, the middle in these proportions, made larger.
class CenterCrop : public Module {
public:
    CenterCrop(std::int64_t height, std::int64_t width, CenterCropOptions options = {});
    Tensor forward(const Tensor& images) override;
    void describe(Config& config) const override;
    static CenterCrop from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    Tensor cropped(const Tensor& images) const;
    CenterCropOptions options_;
};

namespace detail {
/// `images` as floats, (batch, height, width, channels), and back to the shape without batch if it had none.
Tensor batched_images(const Tensor& images);
Tensor unbatched_images(const Tensor& y, const Tensor& images);
Tensor resize(const Tensor& images, const ResizingOptions& options);
/// A part of each image.
Tensor cut(const Tensor& images, std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width);
/// The middle in the proportions of `height` to `width`, as large as fits, and made that size.
Tensor fit(const Tensor& images, std::int64_t height, std::int64_t width);
}  // namespace detail

}  // namespace xg

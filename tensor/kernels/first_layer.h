#pragma once
// Convolutions of images of one to four channels, which libraries made for many channels are slow at: each number of
// the image times a vector of filters.
#include "convolution.h"

namespace xg::kernel::first_layer {

/// Two spatial axes, at most four channels, filters in whole vectors.
bool fits(const Convolution& c);
void forward(float* y, std::uint8_t* from, const float* x, const float* kernel, const float* bias, const Convolution& c,
             Epilogue e);
/// The gradients of kernel and bias.
void back(float* dk, float* db, const float* dy, const float* y, const std::uint8_t* from, const float* x,
          const Convolution& c, Epilogue e);

}  // namespace xg::kernel::first_layer

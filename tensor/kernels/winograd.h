#pragma once
// Winograd's F(4 x 4, 3 x 3) (Lavin & Gray 2016): 4 x 4 outputs of a 3 x 3 convolution from 36 multiplications instead
// of 144, in all three passes. Its roundings are some ten times those of a direct convolution: 1e-6 to 2e-6 of
// the values.
#include "convolution.h"

namespace xg::kernel::winograd {

/// Two spatial axes, windows of 3 x 3 that move by one, at least 32 channels on both sides, in whole vectors.
bool fits(const Convolution& c);
void forward(float* y, std::uint8_t* from, const float* x, const float* kernel, const float* bias, const Convolution& c,
             Epilogue e);
void back(ConvolutionGradients<float> to, const float* dy, const float* y, const std::uint8_t* from, const float* x,
          const float* kernel, const Convolution& c, Epilogue e);

}  // namespace xg::kernel::winograd

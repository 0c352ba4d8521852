#pragma once
// Convolutions over channels-last images and their gradients, each with what a network puts behind it: a bias, relu,
// and the largest of every 2 x 2 pixels. Float32 and float64; the same bits for any number of threads.
#include "window.h"

namespace xg::kernel {

/// What follows the sums, in this order. `pool` needs two spatial axes; a last odd row or column is left out.
struct Epilogue {
    bool relu = false, pool = false;
};
inline std::int64_t result_of(const Convolution& c, Epilogue e) {
    return e.pool ? (c.axes[1].out / 2) * (c.axes[2].out / 2) * c.out_channels : c.result();
}

/// y of a batch. `bias` may be null. With a pool, `from` is which of 0, 1 / 2, 3 in its window each value is.
template <class T>
void convolve(T* y, std::uint8_t* from, const T* x, const T* kernel, const T* bias, const Convolution& c, Epilogue e);
/// Whether Winograd's products may be used; they are at first.
void allow_winograd(bool on);

/// Where the gradients go; null if not wanted.
template <class T> struct ConvolutionGradients { T *x = nullptr, *kernel = nullptr, *bias = nullptr; };
/// The gradients of convolve(). `y` and `from` are what it gave; x is needed for the kernel's, the kernel for x's.
template <class T> void convolve_back(ConvolutionGradients<T> to, const T* dy, const T* y, const std::uint8_t* from,
                                      const T* x, const T* kernel, const Convolution& c, Epilogue e);

}  // namespace xg::kernel

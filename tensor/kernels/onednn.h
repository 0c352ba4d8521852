#pragma once
// All that the rest knows of oneDNN besides its sgemm: float32 convolutions, one thread each.
#include <memory>
#include "../tensor.h"
#include "window.h"

extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int);
}

namespace xg::kernel::onednn {

/// oneDNN's own threads would fight with ours.
class OneThread {
public:
    OneThread() : before_(omp_get_max_threads()) {
        if (before_ != 1) omp_set_num_threads(1);
    }
    ~OneThread() {
        if (before_ != 1) omp_set_num_threads(before_);
    }
    OneThread(const OneThread&) = delete;

private:
    int before_;
};

enum class Pass { forward, input, kernel };
struct Plan;

/// One pass of a convolution over `images` images: its generated code, from a table that all threads share, and the
/// kernel in the order that the code wants.
class Convolver {
public:
    Convolver(Pass pass, const Convolution& c, std::int64_t images, const float* kernel);
    /// Whether oneDNN has fast code for these sizes.
    explicit operator bool() const { return bool(plan_); }
    /// y from x, or dx from dy.
    void operator()(float* to, const float* from) const;
    /// dk from x and dy.
    void operator()(float* dk, const float* x, const float* dy) const;

private:
    Pass pass_;
    std::shared_ptr<const Plan> plan_;
    Tensor weights_;
};

}  // namespace xg::kernel::onednn

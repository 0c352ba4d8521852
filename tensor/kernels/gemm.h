#pragma once
#include <cstdint>

namespace xg::kernel {

/// What is to be done with rows [first, last) of a product as soon as they are there, on the thread that made them.
class RowsDone {
public:
    RowsDone() = default;
    /// Borrows `f`.
    template <class F> RowsDone(const F& f)
        : context_(&f), call_([](const void* c, std::int64_t first, std::int64_t last) {
              (*static_cast<const F*>(c))(first, last);
          }) {}
    void operator()(std::int64_t first, std::int64_t last) const {
        if (call_) call_(context_, first, last);
    }

private:
    const void* context_ = nullptr;
    void (*call_)(const void*, std::int64_t, std::int64_t) = nullptr;
};

/// Row-major c (m, n) = op(a) (m, k) times op(b) (k, n); op transposes what is stored the other way round.
/// Float32 and float64; the same bits for any number of threads.
template <class T> void gemm(T* c, const T* a, const T* b, std::int64_t m, std::int64_t n, std::int64_t k,
                             bool transpose_a, bool transpose_b, RowsDone done = {});

}  // namespace xg::kernel

#include "machine.h"
#include <dnnl.h>
#include <fmt/core.h>
#include <libxsmm.h>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <vector>
#include "../tensor/simd/batch.h"

namespace bench {

namespace {
using Clock = std::chrono::steady_clock;
template <class F> double least_seconds(int rounds, const F& f) {
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        const auto began = Clock::now();
        f();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - began).count());
    }
    return best;
}
}  // namespace

double peak_gflops() {
    constexpr int chains = 24, turns = 100'000;  // enough chains to hide the latency, few enough for the registers
    using B = xg::Batch<float>;
    const double seconds = least_seconds(20, [] {
        B s[chains], a(0.999f), b(1e-3f);
        for (B& x : s) x = B(1.f);
        asm volatile("" : "+v"(a.v), "+v"(b.v));
        for (int i = 0; i < turns; ++i) {
#pragma GCC unroll 24
            for (int j = 0; j < chains; ++j) s[j] = s[j] * a + b;
        }
        for (B& x : s) asm volatile("" : "+v"(x.v));
    });
    return 2.0 * double(xg::lanes<float>) * chains * turns / seconds / 1e9;
}
double bandwidth(std::size_t bytes) {
    using B = xg::Batch<float>;
    const std::size_t n = bytes / 8;
    std::vector<float> from(n + 16, 1.f), to(n + 16, 0.f);
    const int calls = int(std::max<std::size_t>(1, 8'000'000 / n));
    const double seconds = least_seconds(15, [&] {
        for (int c = 0; c < calls; ++c) {
            for (std::size_t i = 0; i < n; i += std::size_t(xg::lanes<float>))
                (B::load(&from[i]) + B(1.f)).store(&to[i]);
            asm volatile("" ::: "memory");
        }
    });
    return double(bytes) * calls / seconds / 1e9;
}
std::string machine() {
    std::string name = "unknown processor";
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) {
            name = line.substr(line.find(':') + 2);
            break;
        }
    const dnnl_version_t* d = dnnl_version();
    return fmt::format("{}, {} cores, vectors of {} bits; {} {}; oneDNN {}.{}.{}, LIBXSMM {}", name,
                       std::thread::hardware_concurrency(), XG_SIMD_BYTES * 8,
#ifdef __clang__
                       "Clang",
#else
                       "GCC",
#endif
                       __VERSION__, d->major, d->minor, d->patch, LIBXSMM_VERSION);
}

}  // namespace bench

#pragma once
#include <chrono>

namespace xg::detail {

/// Seconds, to measure how long something takes.
inline double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
/// Seconds since 1970.
inline double date() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace xg::detail

#pragma once
#include <cstdint>

namespace xg::test {

/// Counts the memory that this thread has asked the system for and not given back, while it lives; the pool's cache is
/// emptied before, and its slabs of small tensors are left out. Under a sanitizer, which has an allocator of its own,
/// it counts nothing.
class Allocations {
public:
    Allocations();
    ~Allocations();
    Allocations(const Allocations&) = delete;
    /// The most at any moment, in bytes.
    std::int64_t most() const;
};

}  // namespace xg::test

#pragma once
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

namespace xg {

/// What the process holds now. All threads together.
struct MemoryStats {
    std::int64_t tensors;       // tensor handles' targets alive
    std::int64_t nodes;         // recorded operations and leaves alive
    std::int64_t live_bytes;    // in use by tensors and nodes
    std::int64_t system_bytes;  // taken from the system and not given back: live and cached
};
MemoryStats memory_stats();
/// Gives this thread's cached buffers back to the system.
void empty_cache();
/// No more than `bytes` are taken from the system (an OutOfMemory beyond); 0 means no limit.
void set_memory_limit(std::int64_t bytes);

/// Memory ran out; says how much was wanted and how much is in use. Tensors and graphs stay as they were.
class OutOfMemory : public std::bad_alloc {
public:
    explicit OutOfMemory(std::string text) : text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

// Thread-local size-class free lists, last in first out: a buffer comes back while it is still in cache. Small blocks
// are cut one after the other from slabs of one huge page: what is made together lies together.
namespace pool {

inline constexpr std::size_t unit = 64;  // every block is a multiple of a cache line, and aligned to one
inline constexpr int class_count = 4 * 40;
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool enabled = false;  // let the sanitizer see every allocation
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool enabled = false;
#else
inline constexpr bool enabled = true;
#endif
#else
inline constexpr bool enabled = true;
#endif

struct SizeClass {
    int index = 0;
    std::size_t bytes = 0;
};

/// Four classes per power of two: at most 25 % is wasted. bytes > 0.
constexpr SizeClass size_class(std::size_t bytes) {
    const std::size_t last = (bytes + unit - 1) / unit - 1;
    if (last < 4) return {int(last), (last + 1) * unit};
    const int e = std::bit_width(last) - 1;
    const int quarter = int(last >> (e - 2)) & 3;
    return {(e - 1) * 4 + quarter, (std::size_t(5 + quarter) << (e - 2)) * unit};
}

/// Counted per thread without a lock and added up by memory_stats(); an object may end on another thread than it began.
struct Counter {
    std::atomic<std::int64_t> n{0};
    void add(std::int64_t d) { n.store(n.load(std::memory_order_relaxed) + d, std::memory_order_relaxed); }
};
struct Lists {
    void* head[class_count];
    std::byte *uncut, *end;  // what is left of the slab that small blocks are cut from
    Counter bytes, tensors, nodes;
    bool closed;
};
extern constinit thread_local Lists lists [[gnu::tls_model("initial-exec")]];

void* refill(SizeClass c);
void release(void* p, SizeClass c);

/// Asks for memory that is read or filled in a moment: several pieces arrive together, not one by one. Null is nothing.
inline void prefetch(const void* first, int lines) {
    for (int i = 0; i < lines; ++i)
        __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(first) + unit * unsigned(i)));
}
inline void* allocate(SizeClass c) {
    if (void* p = lists.head[c.index]; enabled && p) [[likely]] {
        void* const next = lists.head[c.index] = *static_cast<void**>(p);
        prefetch(next, 4);  // long ago given back, perhaps: it comes while this one is filled
        lists.bytes.add(std::int64_t(c.bytes));
        return p;
    }
    return refill(c);
}
inline void* allocate(std::size_t bytes) { return allocate(size_class(bytes)); }
inline void deallocate(void* p, SizeClass c) {
    lists.bytes.add(-std::int64_t(c.bytes));
    if (!enabled || lists.closed) [[unlikely]]
        return release(p, c);
    *static_cast<void**>(p) = lists.head[c.index];
    lists.head[c.index] = p;
}
inline void deallocate(void* p, std::size_t bytes) { deallocate(p, size_class(bytes)); }

}  // namespace pool
}  // namespace xg

#include "pool.h"
#include <fmt/core.h>
#include <sys/mman.h>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

namespace xg {

namespace pool {

constinit thread_local Lists lists{};

namespace {
constexpr std::size_t huge_page = std::size_t(2) << 20;
constexpr std::size_t largest_cut = std::size_t(32) << 10;

std::atomic<std::int64_t> system_bytes{0}, limit{0};
constinit std::mutex mutex;       // guards the two below
std::vector<Lists*>& threads() {  // never destroyed: handles may outlive everything
    static auto* all = new std::vector<Lists*>;
    return *all;
}
MemoryStats ended{};  // what threads that are gone have counted

/// The first line of a huge page.
struct alignas(unit) Slab {
    std::atomic<std::int64_t> users{1};  // blocks not given back, and the thread that cuts them
};
Slab* slab_of(void* p) { return reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(p) & ~(huge_page - 1)); }
bool is_cut(SizeClass c) { return enabled && c.bytes <= largest_cut; }

void* from_system(std::size_t bytes) {
    const std::size_t align = bytes >= huge_page ? huge_page : unit;
    void* p = std::aligned_alloc(align, (bytes + align - 1) / align * align);
    if (!p) return p;
    if (align == huge_page) madvise(p, bytes, MADV_HUGEPAGE);
    system_bytes.fetch_add(std::int64_t(bytes), std::memory_order_relaxed);
    return p;
}
void to_system(void* p, std::size_t bytes) {
    std::free(p);
    system_bytes.fetch_sub(std::int64_t(bytes), std::memory_order_relaxed);
}
void leave(Slab* slab) {
    if (slab->users.fetch_sub(1, std::memory_order_acq_rel) == 1) to_system(slab, huge_page);
}
void leave_slab(Lists& mine) {
    if (mine.end) leave(slab_of(mine.end - 1));
    mine.uncut = mine.end = nullptr;
}
void trim(Lists& mine) {
    for (int i = 0; i < class_count; ++i)
        while (void* p = mine.head[i]) {
            mine.head[i] = *static_cast<void**>(p);
            std::size_t bytes = std::size_t(i + 1) * unit;
            if (i >= 4) bytes = (std::size_t(5 + i % 4) << (i / 4 - 1)) * unit;
            release(p, {i, bytes});
        }
    if (mine.end && slab_of(mine.end - 1)->users.load(std::memory_order_acquire) == 1) leave_slab(mine);
}
struct AtThreadExit {
    AtThreadExit() {
        const std::lock_guard lock(mutex);
        threads().push_back(&lists);
    }
    /// From here on blocks go straight back, and are counted with those of ended threads when the next one reads.
    ~AtThreadExit() {
        trim(lists);
        leave_slab(lists);
        lists.closed = true;
        const std::lock_guard lock(mutex);
        std::erase(threads(), &lists);
        ended.tensors += lists.tensors.n;
        ended.nodes += lists.nodes.n;
        ended.live_bytes += lists.bytes.n;
    }
};
[[noreturn, gnu::cold]] void out_of_memory(std::size_t wanted) {
    throw OutOfMemory(fmt::format("memory: expected room for {} bytes, got {} in use of the system's and limit {}",
                                  wanted, system_bytes.load(), limit.load()));
}
}  // namespace

namespace {
/// Within the limit; what this thread keeps for later is given up first.
void* within_limit(std::size_t bytes) {
    const auto fits = [&] {
        const auto most = limit.load(std::memory_order_relaxed);
        return most == 0 || system_bytes.load(std::memory_order_relaxed) + std::int64_t(bytes) <= most;
    };
    if (!fits()) trim(lists);
    if (!fits()) out_of_memory(bytes);
    void* p = from_system(bytes);
    if (!p) {
        trim(lists);
        p = from_system(bytes);
    }
    if (!p) out_of_memory(bytes);
    return p;
}
void* cut(std::size_t bytes) {
    if (lists.end - lists.uncut < std::ptrdiff_t(bytes)) {
        auto* slab = new (within_limit(huge_page)) Slab;
        leave_slab(lists);
        lists.uncut = reinterpret_cast<std::byte*>(slab + 1);
        lists.end = reinterpret_cast<std::byte*>(slab) + huge_page;
    }
    void* p = std::exchange(lists.uncut, lists.uncut + bytes);
    slab_of(p)->users.fetch_add(1, std::memory_order_relaxed);
    if (lists.closed) leave_slab(lists);
    return p;
}
}  // namespace

void* refill(SizeClass c) {
    thread_local AtThreadExit at_exit;
    (void)at_exit;
    void* p = is_cut(c) ? cut(c.bytes) : within_limit(c.bytes);
    lists.bytes.add(std::int64_t(c.bytes));
    return p;
}
void release(void* p, SizeClass c) {
    if (is_cut(c)) leave(slab_of(p));
    else to_system(p, c.bytes);
}

}  // namespace pool

MemoryStats memory_stats() {
    const std::lock_guard lock(pool::mutex);
    MemoryStats all = pool::ended;
    for (const pool::Lists* t : pool::threads()) {
        all.tensors += t->tensors.n.load(std::memory_order_relaxed);
        all.nodes += t->nodes.n.load(std::memory_order_relaxed);
        all.live_bytes += t->bytes.n.load(std::memory_order_relaxed);
    }
    all.system_bytes = pool::system_bytes.load(std::memory_order_relaxed);
    return all;
}
void empty_cache() { pool::trim(pool::lists); }
void set_memory_limit(std::int64_t bytes) { pool::limit.store(bytes, std::memory_order_relaxed); }

}  // namespace xg

#include "pool.h"
#include <fmt/core.h>
#include <sys/mman.h>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace xg {

namespace pool {

constinit thread_local Lists lists{};

namespace {
constexpr std::size_t huge_page = std::size_t(2) << 20;

std::atomic<std::int64_t> system_bytes{0}, limit{0};
constinit std::mutex mutex;       // guards the two below
std::vector<Lists*>& threads() {  // never destroyed: handles may outlive everything
    static auto* all = new std::vector<Lists*>;
    return *all;
}
MemoryStats ended{};  // what threads that are gone have counted

void trim(Lists& mine) {
    for (int i = 0; i < class_count; ++i)
        while (void* p = mine.head[i]) {
            mine.head[i] = *static_cast<void**>(p);
            std::size_t bytes = std::size_t(i + 1) * unit;
            if (i >= 4) bytes = (std::size_t(5 + i % 4) << (i / 4 - 1)) * unit;
            release(p, {i, bytes});
        }
}
struct AtThreadExit {
    AtThreadExit() {
        const std::lock_guard lock(mutex);
        threads().push_back(&lists);
    }
    /// From here on blocks go straight back, and are counted with those of ended threads when the next one reads.
    ~AtThreadExit() {
        trim(lists);
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

void* refill(SizeClass c) {
    thread_local AtThreadExit at_exit;
    (void)at_exit;
    const auto fits = [&] {
        const auto most = limit.load(std::memory_order_relaxed);
        return most == 0 || system_bytes.load(std::memory_order_relaxed) + std::int64_t(c.bytes) <= most;
    };
    if (!fits()) trim(lists);
    if (!fits()) out_of_memory(c.bytes);
    const std::size_t align = c.bytes >= huge_page ? huge_page : unit;
    const std::size_t whole = (c.bytes + align - 1) / align * align;
    void* p = std::aligned_alloc(align, whole);
    if (!p) {
        trim(lists);
        p = std::aligned_alloc(align, whole);
    }
    if (!p) out_of_memory(c.bytes);
    if (align == huge_page) madvise(p, c.bytes, MADV_HUGEPAGE);
    system_bytes.fetch_add(std::int64_t(c.bytes), std::memory_order_relaxed);
    lists.bytes.add(std::int64_t(c.bytes));
    return p;
}
void release(void* p, SizeClass c) {
    std::free(p);
    system_bytes.fetch_sub(std::int64_t(c.bytes), std::memory_order_relaxed);
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

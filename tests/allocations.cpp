// The C library's allocator, with a count: C++'s operators, the pool and the libraries that unpack pictures and
// archives all end here.
#include "allocations.h"
#include <malloc.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include "../tensor/pool.h"
#include "sanitized.h"

namespace {
struct Count {
    std::int64_t now, most;
    bool on;
};
constinit thread_local Count count{};
}  // namespace

namespace xg::test {
Allocations::Allocations() {
    empty_cache();
    count = {0, 0, true};
}
Allocations::~Allocations() { count.on = false; }
std::int64_t Allocations::most() const { return count.most; }
}  // namespace xg::test

#ifndef XGRAD_SANITIZED
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t n, std::size_t size);
void* __libc_realloc(void* p, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* p);
}
namespace {
/// What the pool cuts small tensors from: one huge page, whatever is read.
bool is_slab(void* p) {
    constexpr std::size_t huge_page = std::size_t(2) << 20;
    return reinterpret_cast<std::uintptr_t>(p) % huge_page == 0 && malloc_usable_size(p) < huge_page + 4096;
}
void* taken(void* p) {
    if (!count.on || !p || is_slab(p)) return p;
    count.now += std::int64_t(malloc_usable_size(p));
    count.most = std::max(count.most, count.now);
    return p;
}
void given_back(void* p) {
    if (count.on && p && !is_slab(p)) count.now -= std::int64_t(malloc_usable_size(p));
}
}  // namespace
extern "C" {
void* malloc(std::size_t size) { return taken(__libc_malloc(size)); }
void* calloc(std::size_t n, std::size_t size) { return taken(__libc_calloc(n, size)); }
void* memalign(std::size_t alignment, std::size_t size) { return taken(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** p, std::size_t alignment, std::size_t size) {
    *p = memalign(alignment, size);
    return *p ? 0 : ENOMEM;
}
void* realloc(void* p, std::size_t size) {
    given_back(p);
    return taken(__libc_realloc(p, size));
}
void free(void* p) {
    given_back(p);
    __libc_free(p);
}
}
#endif

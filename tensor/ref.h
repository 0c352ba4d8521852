#pragma once
// Biased reference counts: an object belongs to the thread that made it, which counts with plain arithmetic; all other
// threads count atomically, beside it. (Choi, Shull, Torrellas: Biased reference counting, PACT 2018.)
#include <atomic>
#include <concepts>
#include <cstdint>
#include <utility>

namespace xg {

namespace detail {
inline constexpr std::uint32_t nobody = ~std::uint32_t(0);
/// Number of this thread, given when it makes its first object; 0 before, and again when it ends. (The TLS model spares
/// a call per access in a shared library.)
extern constinit thread_local std::uint32_t this_thread [[gnu::tls_model("initial-exec")]];
extern constinit thread_local std::atomic<bool> has_returns [[gnu::tls_model("initial-exec")]];
std::uint32_t register_thread();
void collect_returned();
}  // namespace detail

/// To be called now and then (when a tensor is made): frees objects of this thread whose last handle died on another.
inline void collect_returned() {
    if (detail::has_returns.load(std::memory_order_relaxed)) [[unlikely]]
        detail::collect_returned();
}

/// References held = local_ + shared_ / one. `local_` and the decision to give up ownership are the owner's alone.
class RefCount {
public:
    using Destroy = void (*)(void*);

    RefCount() {
        auto me = detail::this_thread;
        if (!me) [[unlikely]]
            me = detail::register_thread();
        owner_.store(me, std::memory_order_relaxed);
        if (me == detail::nobody) [[unlikely]]
            local_ = 0, shared_.store(one | merged, std::memory_order_relaxed);
    }
    RefCount(const RefCount&) = delete;

    [[gnu::always_inline]] void add() {
        if (mine()) [[likely]]
            ++local_;
        else shared_.fetch_add(one, std::memory_order_relaxed);
    }
    /// True if this was the last reference: the caller then destroys the object.
    [[gnu::always_inline]] bool drop(void* object, Destroy destroy) {
        if (!mine()) [[unlikely]]
            return drop_shared(object, destroy);
        if (--local_) return false;
        return shared_.load(std::memory_order_acquire) == 0 || give_up(0);
    }
    bool unique() const {
        if (mine()) return local_ == 1 && shared_.load(std::memory_order_acquire) == 0;
        return shared_.load(std::memory_order_acquire) == (one | merged);
    }
    /// Makes the object nobody's (all counts atomic from now on), so that whoever drops it last frees it at once.
    void disown() {
        if (mine()) give_up(0);
    }

private:
    friend struct Returns;
    // `queued`: waits in the owner's list of returns, which holds a reference. `merged`: shared_ counts everything.
    static constexpr std::int32_t queued = 1, merged = 2, one = 4;

    bool mine() const { return owner_.load(std::memory_order_relaxed) == detail::this_thread; }
    bool give_up(std::int32_t more);
    bool take_back();
    bool drop_shared(void* object, Destroy destroy);

    std::atomic<std::uint32_t> owner_;
    std::int32_t local_ = 1;
    std::atomic<std::int32_t> shared_{0};
};

/// Owning pointer to an object with `refs` and a free function `destroy(T*)`.
template <class T> class Ref {
public:
    Ref() = default;
    static Ref adopt(T* p) {
        Ref r;
        r.p_ = p;
        return r;
    }
    static Ref share(T* p) {
        if (p) p->refs.add();
        return adopt(p);
    }
    /// A reference to a derived class is one to its base.
    template <std::derived_from<T> D>
    requires(!std::same_as<D, T>) Ref(Ref<D> o) : p_(o.give()) {}
    Ref(const Ref& o) : p_(o.p_) {
        if (p_) p_->refs.add();
    }
    Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
    Ref& operator=(Ref o) noexcept {
        std::swap(p_, o.p_);
        return *this;
    }
    ~Ref() {
        if (p_ && p_->refs.drop(p_, [](void* p) { destroy(static_cast<T*>(p)); })) destroy(p_);
    }
    T* give() { return std::exchange(p_, nullptr); }
    T* get() const { return p_; }
    T* operator->() const { return p_; }
    T& operator*() const { return *p_; }
    explicit operator bool() const { return p_ != nullptr; }

private:
    T* p_ = nullptr;
};

}  // namespace xg

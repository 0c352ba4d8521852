#pragma once
#include <functional>
#include <string>
#include <vector>
#include "anomaly.h"
#include "node.h"

namespace xg {

/// A function registered somewhere, for as long as this lives.
class [[nodiscard]] Hook {
public:
    Hook() = default;
    explicit Hook(std::function<void()> remove) : remove_(std::move(remove)) {}
    Hook(Hook&& o) noexcept : remove_(std::exchange(o.remove_, nullptr)) {}
    Hook& operator=(Hook&& o) noexcept {
        std::swap(remove_, o.remove_);
        return *this;
    }
    ~Hook() { remove(); }
    void remove() {
        if (auto f = std::exchange(remove_, nullptr)) f();
    }

private:
    std::function<void()> remove_;
};

/// Functions in the order of their registration.
template <class F> class Hooks {
public:
    Hook add(F f) {
        if (!list_) list_ = std::make_shared<List>();
        list_->push_back(std::make_shared<F>(std::move(f)));
        return Hook([weak = std::weak_ptr(list_), entry = std::weak_ptr(list_->back())] {
            if (const auto list = weak.lock()) std::erase(*list, entry.lock());
        });
    }
    /// Of a copy of the list: a function may remove itself.
    template <class Call> void each(const Call& call) const {
        if (!list_) return;
        for (const auto entries = *list_; const auto& f : entries) call(*f);
    }

private:
    using List = std::vector<std::shared_ptr<F>>;
    std::shared_ptr<List> list_;  // empty until something is added
};

using GradientHook = std::function<Tensor(const Tensor& dy)>;
/// Calls f with the gradient of x whenever it is complete; what f returns, unless undefined, takes its place. For a
/// leaf, before it is added to x.grad(). Throws unless x requires a gradient.
Hook on_gradient(const Tensor& x, GradientHook f);

using Projection = std::function<Tensor(const Tensor& value)>;
/// After each step of an optimizer the leaf x takes the value f(x). Throws unless x requires a gradient.
void constrain(const Tensor& x, Projection f);

/// What few nodes have.
struct Extras {
    Hooks<GradientHook> hooks;
    detail::Site site;  // where it was recorded, if Anomaly was asked for
    Projection constraint;

    void changed(Tensor& dy) const;
};

}  // namespace xg

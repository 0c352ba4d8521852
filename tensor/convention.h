#pragma once
#include <utility>

namespace xg {

/// Whose choice stands where Keras and PyTorch differ and a program says nothing.
enum class Convention { keras, torch };

namespace defaults {

namespace detail {
inline constinit thread_local Convention current = Convention::keras;
}
/// Keras' value or PyTorch's: what the options of layers and optimizers begin with.
template <class T> T either(T keras, T torch) {
    return detail::current == Convention::keras ? std::move(keras) : std::move(torch);
}
inline Convention convention() { return detail::current; }

/// As long as it lives, options made on this thread begin with this convention's values.
class [[nodiscard]] Guard {
public:
    explicit Guard(Convention c) : before_(detail::current) { detail::current = c; }
    ~Guard() { detail::current = before_; }
    Guard(const Guard&) = delete;

private:
    Convention before_;
};
inline Guard keras() { return Guard(Convention::keras); }
/// `const auto torch = defaults::torch();`: layers and optimizers made from here on have PyTorch's numbers.
inline Guard torch() { return Guard(Convention::torch); }

}  // namespace defaults
}  // namespace xg

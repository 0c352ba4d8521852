#pragma once
#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>
#include "../tensor/modes.h"
#include "../tensor/tensor.h"

namespace xg {

/// While it lives, an operation whose result is NaN or infinite though no input was, forward or backward, is an error
/// that names it, the first bad element, the module it ran in, and the line of the caller (compile with -g1 or more).
/// Results that are infinite because an operand was, as in masks, pass.
class Anomaly {
public:
    [[nodiscard]] Anomaly() : before_(modes.anomaly) { modes.anomaly = true; }
    ~Anomaly() { modes.anomaly = before_; }
    Anomaly(const Anomaly&) = delete;

private:
    bool before_;
};

namespace detail {

/// A call of a module, as errors name it.
struct Place {
    std::string path;           // "1.first (Dense)"
    std::vector<void*> frames;  // return addresses from there to the call of the module around it, innermost first
    std::shared_ptr<const Place> around;
};
/// The module whose forward runs on this thread; each stands within the one before.
struct Scope {
    Scope(const std::string& module_name, const void* at, std::string (*type_name)(const void*));
    ~Scope();
    Scope(const Scope&) = delete;
    bool outermost() const { return !outer_; }
    /// Put together once a call.
    const std::shared_ptr<const Place>& place();

private:
    const std::string& name_;
    const void* module_;
    std::string (*type_)(const void*);
    Scope* outer_;
    std::shared_ptr<const Place> place_;
};
/// Where an operation was called.
struct Site {
    std::shared_ptr<const Place> module;  // null outside of modules
    std::array<void*, 16> frames{};       // return addresses within it, innermost first, up to the first null
    static Site here();
};
/// ", in 1.first (Dense), called from f at net.cpp:12"; what is not known is left out.
std::string describe(const Site& site);

/// Throws if y has a NaN, or an infinity that none of the operands has.
void expect_finite(const char* op, const Tensor& y, std::initializer_list<const Tensor*> operands);
/// The same for what `op`, recorded at `site`, sends to one of its inputs.
void expect_finite_gradient(const char* op, const Tensor& dy, const Tensor& dx, const Site* site);

}  // namespace detail
}  // namespace xg

#include "anomaly.h"
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cxxabi.h>
#include <dlfcn.h>
#include <link.h>
#include <memory>
#include <span>
#include <stdexcept>
#include <unistd.h>
#include <unwind.h>
#include "../tensor/finite.h"

namespace xg::detail {

namespace {
constinit thread_local Scope* innermost = nullptr;

enum class Bad { none, infinite, nan };
/// The first NaN, else the first infinity.
std::pair<Bad, std::int64_t> first_bad(const Tensor& x) {
    if (!is_float(x.dtype()) || x.impl()->level) return {Bad::none, 0};
    return dispatch_float(x.dtype(), "anomaly", [&]<class T> {
        const T* p = x.raw<T>();
        std::pair<Bad, std::int64_t> found{Bad::none, 0};
        if (all_finite(p, x.numel())) return found;
        for (std::int64_t i = 0; i < x.numel(); ++i) {
            if (std::isnan(p[i])) return std::pair{Bad::nan, i};
            if (std::isinf(p[i]) && found.first == Bad::none) found = {Bad::infinite, i};
        }
        return found;
    });
}
std::string position(const Shape& shape, std::int64_t flat) {
    Shape at = shape;
    for (int a = shape.rank() - 1; a >= 0; --a) {
        at[a] = flat % shape[a];
        flat /= shape[a];
    }
    return fmt::format("{}", at);
}

/// Whether a function, by its linkage name, and a line of it are those of whoever called us. What was inlined may have
/// lost its linkage name: then headers in folders named as ours are taken for ours.
bool is_callers(const std::string& function, const std::string& line) {
    if (!std::isdigit(line[line.rfind(':') + 1])) return false;
    if (function.starts_with("_Z")) {
        const auto scope =
            std::string_view(function).substr(std::min(function.find_first_not_of("_ZNK"), function.size()));
        return !scope.starts_with("2xg") && !scope.starts_with("St") && !scope.starts_with("9__gnu_cxx");
    }
    const bool our_header =
        line.find(".h:") != std::string::npos &&
        std::ranges::any_of(std::array{"/tensor/", "/autograd/", "/nn/", "/optim/", "/train/", "/data/", "/io/"},
                            [&](const char* layer) { return line.find(layer) != std::string::npos; });
    return !our_header && line.find("/include/c++/") == std::string::npos;
}
std::string demangled(const std::string& function) {
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(function.c_str(), nullptr, nullptr, nullptr),
                                                      std::free);
    return name ? name.get() : function;
}
/// "f at net.cpp:12" for the innermost of the frames that is not ours, by binutils' addr2line; "" without it, or
/// without line numbers in the program.
std::string caller(std::span<void* const> frames) {
    bool within = false;  // past what is between the walk and us
    const auto object_of = [](void* frame) {
        Dl_info object;
        link_map* map = nullptr;
        return dladdr1(frame, &object, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) ? map : nullptr;
    };
    for (auto frame = frames.begin(); frame != frames.end();) {
        const link_map* const object = object_of(*frame);
        if (!object) {
            ++frame;
            continue;
        }
        // Neighbours in one call: each reads the whole program.
        const std::string program = *object->l_name ? object->l_name : fmt::format("/proc/{}/exe", ::getpid());
        std::string command = fmt::format("addr2line -fie '{}'", program);
        for (; frame != frames.end() && object_of(*frame) == object; ++frame)
            command += fmt::format(" 0x{:x}", reinterpret_cast<std::uintptr_t>(*frame) - object->l_addr - 1);
        command += " 2>/dev/null";
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
        auto next_line = [&, buffer = std::array<char, 4096>()]() mutable -> std::string {
            if (!out || !std::fgets(buffer.data(), int(buffer.size()), out.get())) return "";
            const std::string text = buffer.data();
            return text.substr(0, std::min(text.find('\n'), text.find(" (discriminator")));
        };
        // Where calls were inlined, innermost first.
        for (std::string function, line; !(function = next_line()).empty() && !(line = next_line()).empty();) {
            if (within && is_callers(function, line)) return demangled(function) + " at " + line;
            within |= function.find("4Site4here") != std::string::npos;
        }
    }
    return "";
}
/// Calls f(return address, where it lies on the stack) for the calls that this one lies in, innermost first: those that
/// began after `inner` came to lie on the stack are left out, those before `outer` too (null: none). False from f ends
/// the walk.
template <class F> void walk(const void* inner, const void* outer, F f) {
    struct Within {
        std::uintptr_t inner, outer;
        F& f;
    } within{reinterpret_cast<std::uintptr_t>(inner), reinterpret_cast<std::uintptr_t>(outer), f};
    _Unwind_Backtrace(
        [](_Unwind_Context* context, void* p) {
            const auto& w = *static_cast<const Within*>(p);
            const auto at = std::uintptr_t(_Unwind_GetCFA(context));
            if (w.outer && at > w.outer) return _URC_END_OF_STACK;
            if (at <= w.inner) return _URC_NO_REASON;
            void** const place = reinterpret_cast<void**>(at) - 1;
            return w.f(reinterpret_cast<void*>(_Unwind_GetIP(context)), place) ? _URC_NO_REASON : _URC_END_OF_STACK;
        },
        &within);
}
using Frames = std::array<void*, 16>;
/// The return addresses that walk(inner, outer) tells, up to the first null. To unwind takes microseconds, and an
/// operation mostly stands in the calls of the step before, at the same place of the stack: whether it does is seen by
/// what lies there.
[[gnu::noinline]] Frames calls(const void* inner, const void* outer) {
    struct Walk {
        const void *from, *inner, *outer;
        Frames frames;
        std::array<void* const*, 16> places;  // null: of a call that has ended, the walk's own
    };
    thread_local std::vector<Walk> recent(64);
    thread_local std::size_t next = 0;
    const void* const here = __builtin_frame_address(0);
    for (const Walk& w : recent)
        if (w.from == here && w.inner == inner && w.outer == outer &&
            std::ranges::equal(w.frames, w.places,
                               [](void* frame, void* const* place) { return !place || *place == frame; }))
            return w.frames;
    Walk w{here, inner, outer, {}, {}};
    walk(inner, outer, [&, i = std::size_t(0)](void* frame, void* const* place) mutable {
        if (!frame) return false;  // the end of the stack
        w.frames[i] = frame;
        if (place > here) w.places[i] = place;
        return ++i < w.frames.size();
    });
    recent[next++ % recent.size()] = w;
    return w.frames;
}
[[noreturn]] void fail_at(const Site& site, const std::string& what) {
    throw std::runtime_error(what + describe(site));
}
const char* name_of(Bad bad) { return bad == Bad::nan ? "nan" : "inf"; }
}  // namespace

Scope::Scope(const std::string& module_name, const void* at, std::string (*type_name)(const void*))
    : name_(module_name), module_(at), type_(type_name), outer_(std::exchange(innermost, this)) {}
Scope::~Scope() { innermost = outer_; }
const std::shared_ptr<const Place>& Scope::place() {
    if (!place_) {
        std::string names;
        for (Scope* s = this; s; s = s->outer_)
            if (!s->name_.empty()) names = s->name_ + (names.empty() ? "" : ".") + names;
        const Frames frames = calls(this, outer_);
        Place here{names + (names.empty() ? "" : " ") + "(" + type_(module_) + ")",
                   {frames.begin(), std::ranges::find(frames, nullptr)},
                   {}};
        if (outer_) here.around = outer_->place();
        place_ = std::make_shared<Place>(std::move(here));
    }
    return place_;
}

Site Site::here() { return {innermost ? innermost->place() : nullptr, calls(nullptr, innermost)}; }
std::string describe(const Site& site) {
    std::string text;
    if (site.module) text += ", in " + site.module->path;
    std::vector<void*> frames(site.frames.begin(), std::ranges::find(site.frames, nullptr));
    for (const Place* p = site.module.get(); p; p = p->around.get())
        frames.insert(frames.end(), p->frames.begin(), p->frames.end());
    if (const std::string from = caller(frames); !from.empty()) text += ", called from " + from;
    return text;
}

void expect_finite(const char* op, const Tensor& y, std::initializer_list<const Tensor*> operands) {
    const auto [bad, at] = first_bad(y);
    if (bad == Bad::none) return;
    if (bad == Bad::infinite)
        for (const Tensor* x : operands)
            if (first_bad(*x).first != Bad::none) return;
    fail_at(Site::here(), fmt::format("{}: expected finite values while Anomaly lives, got {} at {} of shape {}", op,
                                      name_of(bad), position(y.shape(), at), y.shape()));
}
void expect_finite_gradient(const char* op, const Tensor& dy, const Tensor& dx, const Site* site) {
    const auto [bad, at] = first_bad(dx);
    if (bad == Bad::none || (bad == Bad::infinite && first_bad(dy).first != Bad::none)) return;
    fail_at(site ? *site : Site(),
            fmt::format("backward of {}: expected finite gradients while Anomaly lives, got {} at {} of shape {}", op,
                        name_of(bad), position(dx.shape(), at), dx.shape()));
}

}  // namespace xg::detail

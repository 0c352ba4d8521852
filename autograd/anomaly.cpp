#include "anomaly.h"
#include <cctype>
#include <cmath>
#include <cstdio>
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <memory>
#include <stdexcept>
#include <unistd.h>

namespace xg::detail {

namespace {
constinit thread_local Scope* innermost = nullptr;

enum class Bad { none, infinite, nan };
/// The first NaN, else the first infinity.
std::pair<Bad, std::int64_t> first_bad(const Tensor& x) {
    if (!is_float(x.dtype()) || x.impl()->level) return {Bad::none, 0};
    return dispatch_float(x.dtype(), "anomaly", [&]<class T> {
        const T* p = x.raw<T>();
        T total = 0;  // 0 * x is 0 unless x is NaN or infinite: one pass that vectorises
        for (std::int64_t i = 0; i < x.numel(); ++i) total += p[i] * 0;
        std::pair<Bad, std::int64_t> found{Bad::none, 0};
        if (total == 0) return found;
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

/// Whether addr2line's "f at file:12" is a line of whoever called us: known, and not in our sources or headers.
bool is_callers(const std::string& text) {
    const auto at = text.rfind(" at ");
    const auto colon = text.rfind(':');
    if (at == std::string::npos || colon == std::string::npos || !std::isdigit(text[colon + 1])) return false;
    const std::string here = __FILE__, root = here.substr(0, here.rfind("autograd/")), file = text.substr(at + 4);
    for (const char* layer : {"tensor/", "autograd/", "nn/", "optim/", "train/", "data/", "io/"})
        if (file.starts_with(root + layer)) return false;
    return file.find("/include/xgrad/") == std::string::npos && file.find("/include/c++/") == std::string::npos;
}
/// "f at net.cpp:12" for the innermost of the frames that is not ours, by binutils' addr2line; "" without it, or
/// without line numbers in the program.
std::string caller(const std::vector<void*>& frames) {
    for (void* frame : frames) {
        Dl_info object;
        link_map* map = nullptr;
        if (!dladdr1(frame, &object, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP)) continue;
        const auto offset = reinterpret_cast<std::uintptr_t>(frame) - map->l_addr - 1;
        const std::string program = *map->l_name ? map->l_name : fmt::format("/proc/{}/exe", ::getpid());
        const std::string command = fmt::format("addr2line -Cfipe '{}' 0x{:x} 2>/dev/null", program, offset);
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines(::popen(command.c_str(), "r"), ::pclose);
        char buffer[4096];
        while (lines && std::fgets(buffer, sizeof buffer, lines.get())) {  // where calls were inlined, innermost first
            std::string text = buffer;
            text = text.substr(0, text.find(" (discriminator"));
            while (!text.empty() && text.back() == '\n') text.pop_back();
            if (const auto by = text.find("(inlined by) "); by != std::string::npos) text.erase(0, by + 13);
            if (is_callers(text)) return text;
        }
    }
    return "";
}
[[noreturn]] void fail_at(const Site& site, const std::string& what) {
    throw std::runtime_error(what + describe(site));
}
const char* name_of(Bad bad) { return bad == Bad::nan ? "nan" : "inf"; }
}  // namespace

Scope::Scope(const std::string& module_name, const void* at, std::string (*type_name)(const void*))
    : name(module_name), module(at), type(type_name), outer(std::exchange(innermost, this)) {}
Scope::~Scope() { innermost = outer; }

Site Site::here() {
    Site site;
    for (Scope* s = innermost; s; s = s->outer)
        if (!s->name.empty()) site.module = s->name + (site.module.empty() ? "" : ".") + site.module;
    if (innermost)
        site.module += (site.module.empty() ? "" : " ") + fmt::format("({})", innermost->type(innermost->module));
    void* frames[24];
    const int depth = ::backtrace(frames, 24);
    site.frames.assign(frames, frames + depth);
    return site;
}
std::string describe(const Site& site) {
    std::string text;
    if (!site.module.empty()) text += ", in " + site.module;
    if (const std::string from = caller(site.frames); !from.empty()) text += ", called from " + from;
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

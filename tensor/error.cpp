#include "error.h"
#include <atomic>
#include <cstdio>

namespace xg {

namespace {
void to_terminal(const std::string& sentence) { std::fprintf(stderr, "xgrad: warning: %s\n", sentence.c_str()); }
std::atomic<WarningHandler> handler{to_terminal};
}  // namespace

WarningHandler set_warning_handler(WarningHandler h) { return handler.exchange(h ? h : to_terminal); }
void detail::warn(fmt::string_view text, fmt::format_args args) { handler.load()(fmt::vformat(text, args)); }

std::string listed(std::span<const std::string> words) {
    std::string all;
    for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

ShapeError::ShapeError(const std::string& message)
    : std::invalid_argument(message), message_(message), text_(message) {}

const char* ShapeError::what() const noexcept { return text_.c_str(); }
void ShapeError::within(const std::string& name, const std::string& type) {
    if (type_.empty()) type_ = type;
    path_ = name.empty() ? path_ : path_.empty() ? name : name + "." + path_;
    text_ = (path_.empty() ? type_ : path_ + " (" + type_ + ")") + ": " + message_;
}

FileError::FileError(const std::string& message, std::string path, std::int64_t offset)
    : std::runtime_error(offset < 0 ? fmt::format("{}: {}", path, message)
                                    : fmt::format("{}: {} at byte {}", path, message, offset)),
      path_(std::move(path)),
      offset_(offset) {}

}  // namespace xg

#pragma once
#include <fmt/core.h>
#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace xg {

/// Shapes or dtypes that do not fit. A module adds where it happened: `1.first (Dense): expected last axis 64, got
/// ...`.
class ShapeError : public std::invalid_argument {
public:
    explicit ShapeError(const std::string& message);
    const char* what() const noexcept override;
    /// Called by each module on the way out: puts `name` before the path so far.
    void within(const std::string& name, const std::string& type);

private:
    std::string message_, text_, path_, type_;
};

/// A file that cannot be read or written: what is wrong, the path, and the byte at which it was noticed.
class FileError : public std::runtime_error {
public:
    /// `offset` is -1 where no single byte is to blame.
    FileError(const std::string& message, std::string path, std::int64_t offset = -1);
    const std::string& path() const { return path_; }
    std::int64_t offset() const { return offset_; }

private:
    std::string path_;
    std::int64_t offset_;
};

namespace detail {
template <class Error> [[noreturn, gnu::cold, gnu::noinline]] void fail(fmt::string_view text, fmt::format_args args) {
    throw Error(fmt::vformat(text, args));
}
}  // namespace detail

/// Throws Error with the formatted sentence unless `ok`. The text is built only on failure.
template <class Error = ShapeError, class... Args>
inline void require(bool ok, fmt::format_string<const Args&...> text, const Args&... args) {
    if (!ok) [[unlikely]]
        detail::fail<Error>(text, fmt::make_format_args(args...));
}
/// Throws Error with the formatted sentence.
template <class Error = ShapeError, class... Args>
[[noreturn]] inline void fail(fmt::format_string<const Args&...> text, const Args&... args) {
    detail::fail<Error>(text, fmt::make_format_args(args...));
}

/// "a, b, c".
std::string listed(std::span<const std::string> words);

/// Where warnings go: to the terminal, unless a program wants them elsewhere. Returns what was set before.
using WarningHandler = void (*)(const std::string& sentence);
WarningHandler set_warning_handler(WarningHandler handler);
namespace detail {
void warn(fmt::string_view text, fmt::format_args args);
}
/// Says what is allowed but seldom meant.
template <class... Args> inline void warn(fmt::format_string<const Args&...> text, const Args&... args) {
    detail::warn(text, fmt::make_format_args(args...));
}

namespace detail {
/// For a formatter of fmt's: what is written is `text`.
inline auto written(const std::string& text, fmt::format_context& context) {
    return std::copy(text.begin(), text.end(), context.out());
}
}  // namespace detail

}  // namespace xg

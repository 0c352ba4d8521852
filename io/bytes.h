#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include "../tensor/error.h"

namespace xg {

/// What a file may claim, whatever it claims.
namespace limits {
inline constexpr std::int64_t header_bytes = 100'000'000, name_bytes = 4096, tensors = 1'000'000;
}  // namespace limits

/// The whole file; gzip (.gz) is unpacked, all its members, up to `most` bytes. Throws FileError.
std::string read_file(const std::string& path, std::int64_t most = std::int64_t(1) << 40);
std::string gunzip(std::string_view packed, const std::string& path, std::int64_t most);
/// Replaces the file, or leaves it as it was: a temporary file beside it, written, synced, renamed. A link stays, and
/// what it leads to is replaced. Throws FileError.
void write_file(const std::string& path, std::string_view contents);

/// Reads a buffer from front to back; every step is checked against what is left.
class ByteReader {
public:
    ByteReader(std::string_view bytes, std::string path) : bytes_(bytes), path_(std::move(path)) {}

    std::int64_t at() const { return at_; }
    std::int64_t left() const { return std::int64_t(bytes_.size()) - at_; }
    /// The next n bytes; throws FileError if there are fewer.
    std::string_view take(std::int64_t n) {
        expect(0 <= n && n <= left(), "expected {} more bytes, got {}", n, left());
        const auto out = bytes_.substr(std::size_t(at_), std::size_t(n));
        at_ += n;
        return out;
    }
    /// A number in little or big endian order.
    template <class T> T little() {
        T value;
        std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
        return value;
    }
    std::uint32_t big32() { return __builtin_bswap32(little<std::uint32_t>()); }
    template <class... Args> void expect(bool ok, fmt::format_string<const Args&...> text, const Args&... args) const {
        expect_at(at_, ok, text, args...);
    }
    /// For what is noticed later than it was read.
    template <class... Args>
    void expect_at(std::int64_t offset, bool ok, fmt::format_string<const Args&...> text, const Args&... args) const {
        if (!ok) [[unlikely]]
            throw FileError(fmt::format(text, args...), path_, offset);
    }

private:
    std::string_view bytes_;
    std::string path_;
    std::int64_t at_ = 0;
};

}  // namespace xg

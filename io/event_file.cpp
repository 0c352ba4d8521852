#include "event_file.h"
#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <utility>
#include "../tensor/error.h"
#include "crc32c.h"

namespace xg {

namespace {
template <class T> void append(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
std::uint32_t masked_crc(std::string_view bytes) {
    const auto c = crc32c(bytes);
    return (c >> 15 | c << 17) + 0xa282ead8u;
}

// Protocol buffers: a field is its number and wire type, then a varint, eight bytes, four bytes, or a length and bytes.
void varint(std::string& out, std::uint64_t v) {
    for (; v >= 128; v >>= 7) out += char(v | 128);
    out += char(v);
}
void bytes_field(std::string& out, int number, std::string_view bytes) {
    varint(out, std::uint64_t(number) << 3 | 2);
    varint(out, bytes.size());
    out += bytes;
}
std::string event(std::int64_t step) {
    std::string out;
    varint(out, 1 << 3 | 1);  // wall_time
    append(out, std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
    if (step) {
        varint(out, 2 << 3);
        varint(out, std::uint64_t(step));
    }
    return out;
}
}  // namespace

EventFile::EventFile(const std::string& folder) {
    static std::atomic<int> count{0};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    path_ = fmt::format("{}/events.out.tfevents.{:010}.{}.{}.{}", folder, seconds, host, ::getpid(), count++);
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd_ < 0)
        throw FileError(fmt::format("event file: expected to create it, got \"{}\"", std::strerror(errno)), path_);
    std::string first = event(0);
    bytes_field(first, 3, "brain.Event:2");
    record(first);
}
EventFile::EventFile(EventFile&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
EventFile::~EventFile() {
    if (fd_ >= 0) ::close(fd_);
}

void EventFile::record(std::string_view data) {
    std::string out;
    append(out, std::uint64_t(data.size()));
    append(out, masked_crc(out));
    out += data;
    append(out, masked_crc(data));
    if (::write(fd_, out.data(), out.size()) != ssize_t(out.size()))
        throw FileError(
            fmt::format("event file: expected to write {} bytes, got \"{}\"", out.size(), std::strerror(errno)), path_);
}
void EventFile::scalar(std::string_view tag, double value, std::int64_t step) {
    std::string one, summary, whole = event(step);
    bytes_field(one, 1, tag);
    varint(one, 2 << 3 | 5);  // simple_value
    append(one, float(value));
    bytes_field(summary, 1, one);
    bytes_field(whole, 5, summary);
    record(whole);
}

}  // namespace xg

#include "event_file.h"
#include <fcntl.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <utility>
#include "bytes.h"
#include "clock.h"
#include "crc32c.h"
#include "protobuf.h"

namespace xg {

namespace {
constexpr std::size_t most_pending = 1 << 16;  // bytes
constexpr double longest_pending = 2;          // seconds

template <class T> void append(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
std::uint32_t masked_crc(std::string_view bytes) {
    const auto c = crc32c(bytes);
    return (c >> 15 | c << 17) + 0xa282ead8u;
}
Message event(std::int64_t step) {
    Message out;
    out.real(1, detail::date());
    if (step) out.integer(2, step);
    return out;
}
}  // namespace

EventFile::EventFile(const std::string& folder) {
    static std::atomic<int> count{0};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    const auto seconds = std::int64_t(detail::date());
    path_ = fmt::format("{}/events.out.tfevents.{:010}.{}.{}.{}", folder, seconds, host, ::getpid(), count++);
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd_ < 0)
        throw FileError(fmt::format("event file: expected to create it, got \"{}\"", std::strerror(errno)), path_);
    record(event(0).text(3, "brain.Event:2").bytes());
    flush();
}
EventFile::EventFile(EventFile&& other) noexcept
    : path_(std::move(other.path_)),
      pending_(std::exchange(other.pending_, {})),
      fd_(std::exchange(other.fd_, -1)),
      written_(other.written_),
      flushed_(other.flushed_) {}
EventFile::~EventFile() {
    if (fd_ < 0) return;
    try {
        flush();
    } catch (const FileError&) {}  // a destructor must not throw: who wants to know calls flush()
    ::close(fd_);
}

void EventFile::flush() {
    for (std::size_t done = 0; done < pending_.size();) {
        const auto n = ::write(fd_, pending_.data() + done, pending_.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            pending_.erase(0, done);
            throw FileError(fmt::format("event file: expected to write {} bytes, got \"{}\"", pending_.size(),
                                        std::strerror(errno)),
                            path_);
        }
        done += std::size_t(n), written_ += n;
    }
    pending_.clear();
    flushed_ = detail::now();
}
void EventFile::record(std::string_view data) {
    std::string length;
    append(length, std::uint64_t(data.size()));
    pending_ += length;
    append(pending_, masked_crc(length));
    pending_ += data;
    append(pending_, masked_crc(data));
    if (pending_.size() > most_pending || detail::now() - flushed_ > longest_pending) flush();
}
void EventFile::scalar(std::string_view tag, double v, std::int64_t step) {
    value(Message().text(1, tag).single(2, float(v)), step);
}
void EventFile::value(const Message& v, std::int64_t step) {
    record(event(step).message(5, Message().message(1, v)).bytes());
}
void EventFile::graph(std::string_view definition) { record(event(0).text(4, definition).bytes()); }

void read_events(std::string_view bytes, const std::string& path, const std::function<void(std::string_view)>& record) {
    ByteReader in(bytes, path);
    while (in.left() >= 12) {
        const auto at = in.at();
        const auto length_bytes = in.take(8);
        std::uint64_t length;
        std::memcpy(&length, length_bytes.data(), sizeof length);
        in.expect_at(at, in.little<std::uint32_t>() == masked_crc(length_bytes),
                     "event file: expected the checksum of a length, got another");
        if (in.left() < 4 || length > std::uint64_t(in.left() - 4)) return;
        const auto data = in.take(std::int64_t(length));
        in.expect_at(at, in.little<std::uint32_t>() == masked_crc(data),
                     "event file: expected the checksum of a record, got another");
        record(data);
    }
}

}  // namespace xg

#include "bytes.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <algorithm>
#include <utility>

namespace xg {

namespace {
[[noreturn]] void failed(const char* what, const std::string& path) {
    throw FileError(fmt::format("file: expected to {} it, got \"{}\"", what, std::strerror(errno)), path);
}
class File {
public:
    File(const std::string& path, int flags, mode_t mode = 0) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    int fd() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};
/// The folder's own entry must reach the disk as well, or a crash may bring the old name back.
void sync_folder(const std::string& path) {
    const auto slash = path.rfind('/');
    const File folder(slash == std::string::npos ? "."
                      : slash == 0               ? "/"
                                                 : path.substr(0, slash),
                      O_RDONLY | O_DIRECTORY);
    if (folder) ::fsync(folder.fd());
}
}  // namespace

std::string read_file(const std::string& path, std::int64_t most) {
    const File file(path, O_RDONLY);
    if (!file) failed("open", path);
    struct stat status {};
    if (::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode))
        throw FileError("file: expected a regular file, got another", path);
    if (status.st_size > most)
        throw FileError(fmt::format("file: expected at most {} bytes, got {}", most, status.st_size), path);
    std::string all(std::size_t(status.st_size), '\0');
    std::size_t done = 0;
    while (done < all.size()) {
        const auto n = ::read(file.fd(), all.data() + done, all.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) failed("read", path);
        if (n == 0) throw FileError("file: expected more bytes, got its end", path, std::int64_t(done));
        done += std::size_t(n);
    }
    return path.ends_with(".gz") ? gunzip(all, path, std::min(most, 1000 * status.st_size + 65536)) : all;
}

std::string gunzip(std::string_view packed, const std::string& path, std::int64_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw FileError("gzip: expected zlib to start, got an error", path);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = uInt(packed.size());
    std::string out;
    int state = Z_OK;
    char buffer[65536];
    while (state == Z_OK && std::int64_t(out.size()) <= most) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        state = inflate(&stream, Z_NO_FLUSH);
        out.append(buffer, sizeof buffer - stream.avail_out);
    }
    const auto at = std::int64_t(stream.total_in);
    inflateEnd(&stream);
    if (std::int64_t(out.size()) > most)
        throw FileError(fmt::format("gzip: expected at most {} bytes, got more", most), path, at);
    if (state != Z_STREAM_END) throw FileError("gzip: expected a whole stream, got a damaged or cut one", path, at);
    return out;
}

void write_file(const std::string& path, std::string_view contents) {
    struct stat old {};
    const mode_t mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 07777 : 0644;
    static std::atomic<int> count{0};
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::string temporary = fmt::format("{}.tmp.{}.{}.{}", path, ::getpid(), count++, now);
    const auto give_up = [&](const char* what) {
        const int error = errno;
        ::unlink(temporary.c_str());
        errno = error;
        failed(what, path);
    };
    File file(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!file) failed("create", path);
    if (::fchmod(file.fd(), mode) != 0) give_up("set the mode of");
    std::size_t done = 0;
    while (done < contents.size()) {
        const auto n = ::write(file.fd(), contents.data() + done, contents.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) give_up("write");
        done += std::size_t(n);
    }
    if (::fsync(file.fd()) != 0 || !file.close()) give_up("sync");
    if (::rename(temporary.c_str(), path.c_str()) != 0) give_up("rename");
    sync_folder(path);
}

}  // namespace xg

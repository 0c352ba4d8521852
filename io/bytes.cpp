#include "bytes.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
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
    // Some file systems cannot sync a folder, and say EINVAL.
    if (folder && ::fsync(folder.fd()) != 0 && errno != EINVAL) failed("sync the folder of", path);
}
/// Where a path leads: the file behind a link, or behind a link to a link, whether it is there or not.
std::string behind_links(std::string path) {
    const std::string given = path;
    for (int links = 0;; ++links) {
        char target[4096];
        const auto n = ::readlink(path.c_str(), target, sizeof target);
        if (n < 0) return path;
        if (links == 40 || n == sizeof target) {
            errno = ELOOP;
            failed("follow", given);
        }
        const auto slash = path.rfind('/');
        const bool relative = target[0] != '/' && slash != std::string::npos;
        path = (relative ? path.substr(0, slash + 1) : "") + std::string(target, std::size_t(n));
    }
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

/// A file may hold several members one after another (a log that grew, a parallel packer), then zeros to fill a block.
std::string gunzip(std::string_view packed, const std::string& path, std::int64_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw FileError("gzip: expected zlib to start, got an error", path);
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
    std::string out;
    char buffer[65536];
    std::size_t at = 0;
    const auto fail = [&](const std::string& message) { throw FileError(message, path, std::int64_t(at)); };
    int state = Z_OK;
    do {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + at));
        stream.avail_in = uInt(std::min(packed.size() - at, std::size_t(1) << 30));  // zlib counts in 32 bits
        const auto offered = stream.avail_in;
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        state = inflate(&stream, Z_NO_FLUSH);
        at += offered - stream.avail_in;
        out.append(buffer, sizeof buffer - stream.avail_out);
        if (std::int64_t(out.size()) > most) fail(fmt::format("gzip: expected at most {} bytes, got more", most));
        if (state != Z_STREAM_END) continue;
        if (packed.find_first_not_of('\0', at) == std::string_view::npos) return out;
        state = inflateReset(&stream);
    } while (state == Z_OK);
    fail("gzip: expected a whole stream, got a damaged or cut one");
    return out;
}

void write_file(const std::string& path, std::string_view contents) {
    const std::string target = behind_links(path);
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    if (exists && !S_ISREG(old.st_mode)) throw FileError("file: expected a regular file to replace, got another", path);
    static std::atomic<int> count{0};
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const std::string temporary = fmt::format("{}.tmp.{}.{}.{}", target, ::getpid(), count++, now);
    const auto give_up = [&](const char* what) {
        const int error = errno;
        ::unlink(temporary.c_str());
        errno = error;
        failed(what, path);
    };
    File file(temporary, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (!file) failed("create", path);
    if (exists && ::fchmod(file.fd(), old.st_mode & 07777) != 0) give_up("set the mode of");
    std::size_t done = 0;
    while (done < contents.size()) {
        const auto n = ::write(file.fd(), contents.data() + done, contents.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) give_up("write");
        done += std::size_t(n);
    }
    if (::fsync(file.fd()) != 0 || !file.close()) give_up("sync");
    if (::rename(temporary.c_str(), target.c_str()) != 0) give_up("rename");
    sync_folder(target);
}

}  // namespace xg

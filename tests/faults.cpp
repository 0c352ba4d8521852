// The system's calls as the library makes them, so that a test can let one fail.
#include "faults.h"
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdarg>
#include <optional>

namespace {
std::optional<xg::test::Fault> active;
std::string place;

/// The error to fail with, if this call is the one.
std::optional<int> fails(const char* call, const std::string& path) {
    if (!active || active->call != call || active->times == 0 || path.find(place) == std::string::npos) return {};
    --active->times;
    return active->error;
}
std::string path_of(int fd) {
    char path[4096];
    const auto n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
    return n < 0 ? "" : std::string(path, std::size_t(n));
}
int failed(int error) {
    errno = error;
    return -1;
}
}  // namespace

namespace xg::test {
Faults::Faults(Fault fault, std::string where) { active = std::move(fault), place = std::move(where); }
Faults::~Faults() { active.reset(); }
}  // namespace xg::test

extern "C" {
ssize_t write(int fd, const void* data, std::size_t size) {
    if (active) {
        if (const auto error = fails("write", path_of(fd))) return *error ? failed(*error) : 0;
        if (size > 1 && fails("short write", path_of(fd))) size = size > 100 ? size / 3 : 1;
    }
    return ::syscall(SYS_write, fd, data, size);
}
int fsync(int fd) {
    if (active)
        if (const auto error = fails("fsync", path_of(fd))) return failed(*error);
    return int(::syscall(SYS_fsync, fd));
}
int rename(const char* from, const char* to) {
    if (active)
        if (const auto error = fails("rename", to)) return failed(*error);
    return int(::syscall(SYS_rename, from, to));
}
int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (active && (flags & O_CREAT))
        if (const auto error = fails("open", path)) return failed(*error);
    return int(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
}

#include "folder_lock.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include "../tensor/error.h"

namespace xg {

namespace {
/// Whether the file is still the one of that name: whoever had the lock may have removed it in the meantime.
bool in_place(int fd, const std::string& path) {
    struct stat ours {
    }, there{};
    return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}
}  // namespace

FolderLock::FolderLock(const std::string& folder, const char* who) {
    const std::string path = folder + "/" + file_name;
    do {
        if (fd_ >= 0) ::close(fd_);
        fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd_ < 0)
            throw FileError(fmt::format("{}: expected to write here, got \"{}\"", who, std::strerror(errno)), folder);
        if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
            char owner[32] = {};
            if (::pread(fd_, owner, sizeof owner - 1, 0) <= 0) std::strcpy(owner, "unknown");
            ::close(fd_);
            throw FileError(
                fmt::format("{}: expected a folder of its own, got one that process {} writes to", who, owner), folder);
        }
    } while (!in_place(fd_, path));
    const std::string own = std::to_string(::getpid());
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, own.data(), own.size(), 0) != ssize_t(own.size())) {
        ::close(fd_);
        throw FileError(fmt::format("{}: expected to write here, got \"{}\"", who, std::strerror(errno)), folder);
    }
}
FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace xg

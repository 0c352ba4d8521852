#pragma once
#include <string>

namespace xg {

/// A folder that is one's own as long as this lives; the system frees it if the process is killed. `who` is for the
/// error. Throws FileError, with the other process's number, if somebody else has it.
class FolderLock {
public:
    static constexpr const char* file_name = "in_use";
    FolderLock(const std::string& folder, const char* who);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;

private:
    int fd_ = -1;
};

}  // namespace xg

#ifndef XGRAD_CATCH3
#define CATCH_CONFIG_RUNNER
#endif
#include "catch.h"
#include <cstdlib>
#include <filesystem>

namespace fs = std::filesystem;

namespace {
/// Where all that tests write goes: this run's own, so that several may go on at once, and in memory if there is room,
/// as to sync a disk takes a while.
class TemporaryFolder {
public:
    TemporaryFolder() {
        const fs::path memory = "/dev/shm";
        const bool roomy = fs::exists(memory) && fs::space(memory).available > 256 << 20;
        path_ = ((roomy ? memory : fs::temp_directory_path()) / "xgrad_tests_XXXXXX").string();
        if (!mkdtemp(path_.data()))
            throw fs::filesystem_error("tests", path_, std::error_code(errno, std::generic_category()));
        setenv("TMPDIR", path_.c_str(), 1);
    }
    ~TemporaryFolder() { fs::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;

private:
    std::string path_;
};
}  // namespace

int main(int count, char** arguments) {
    const TemporaryFolder folder;
    return Catch::Session().run(count, arguments);
}

#include "line_file.h"
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include "../../io/state.h"

namespace xg {

namespace {
std::int64_t size_of(const std::string& path) {
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    return none ? 0 : std::int64_t(size);
}
}  // namespace

void LineFile::begin(bool append) {
    file_.reset();
    open("a");
    fresh_ = !append;
}
void LineFile::write(const std::string& text) {
    if (std::exchange(fresh_, false)) file_.reset(), open("w");
    else if (!file_) open("a");
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) fail();
}
void LineFile::open(const char* mode) {
    std::FILE* const file = std::fopen(path_.c_str(), mode);
    if (!file) fail();
    file_.reset(file, std::fclose);
}
void LineFile::fail() const {
    throw FileError(fmt::format("{}: expected a file to write to, got an error", who_), path_);
}
bool LineFile::empty() const { return fresh_ || size_of(path_) == 0; }
std::string LineFile::first_line() const {
    std::ifstream in(path_);
    std::string line;
    std::getline(in, line);
    return line;
}
void LineFile::save(State& state) const { state.set("bytes", fresh_ ? 0 : size_of(path_)); }
void LineFile::load(const State& state) {
    const auto bytes = state.integer("bytes");
    file_.reset();
    std::error_code failed;
    if (size_of(path_) > bytes) std::filesystem::resize_file(path_, std::uintmax_t(bytes), failed);
    if (failed) throw FileError(fmt::format("{}: expected a file to shorten, got an error", who_), path_);
    fresh_ = false;
}

}  // namespace xg

#pragma once
#include <cstdio>
#include <memory>
#include <string>

namespace xg {

class State;

/// A text file that grows while a run lasts. It is emptied at the first line, not before, so that a resumed run can go
/// on where its checkpoint was written: what came after that is cut off.
class LineFile {
public:
    /// `who` is for errors. Throws FileError, as all below, if the file cannot be written.
    LineFile(const char* who, std::string path) : who_(who), path_(std::move(path)) {}
    void begin(bool append);
    void write(const std::string& text);
    void close() { file_.reset(); }
    /// Whether there is something to append to.
    bool empty() const;
    std::string first_line() const;
    void save(State& state) const;
    void load(const State& state);
    const std::string& path() const { return path_; }

private:
    void open(const char* mode);
    [[noreturn]] void fail() const;
    const char* who_;
    std::string path_;
    bool fresh_ = true;
    std::shared_ptr<std::FILE> file_;
};

}  // namespace xg

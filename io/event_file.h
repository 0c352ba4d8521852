#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace xg {

/// An event file that TensorBoard reads: one folder is one run. Each record is written whole, at once.
class EventFile {
public:
    /// Makes the folder if need be, and a new file in it. Throws FileError.
    explicit EventFile(const std::string& folder);
    EventFile(EventFile&& other) noexcept;
    ~EventFile();
    void scalar(std::string_view tag, double value, std::int64_t step);

private:
    void record(std::string_view event);
    std::string path_;
    int fd_;
};

}  // namespace xg

#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace xg {

class Message;

/// An event file that TensorBoard reads: one folder is one run. Records go to the file whole, at the latest every two
/// seconds.
class EventFile {
public:
    /// Makes the folder if need be, and a new file in it. Throws FileError, as all below.
    explicit EventFile(const std::string& folder);
    EventFile(EventFile&& other) noexcept;
    ~EventFile();
    void scalar(std::string_view tag, double value, std::int64_t step);
    /// One value of a summary, tag and all.
    void value(const Message& value, std::int64_t step);
    /// A serialized GraphDef.
    void graph(std::string_view definition);
    void flush();
    const std::string& path() const { return path_; }
    /// Bytes written so far, those still to be flushed too.
    std::int64_t size() const { return written_ + std::int64_t(pending_.size()); }

private:
    void record(std::string_view event);
    std::string path_, pending_;
    int fd_;
    std::int64_t written_ = 0;
    double flushed_ = 0;  // when, in seconds
};

/// Each record's bytes, in order. A torn last record ends the file, as for TensorBoard; a wrong checksum is a
/// FileError.
void read_events(std::string_view bytes, const std::string& path, const std::function<void(std::string_view)>& record);

}  // namespace xg

#include "error.h"

namespace xg {

ShapeError::ShapeError(const std::string& message)
    : std::invalid_argument(message), message_(message), text_(message) {}

void ShapeError::within(const std::string& name, const std::string& type) {
    if (type_.empty()) type_ = type;
    path_ = name.empty() ? path_ : path_.empty() ? name : name + "." + path_;
    text_ = (path_.empty() ? type_ : path_ + " (" + type_ + ")") + ": " + message_;
}

FileError::FileError(const std::string& message, std::string path, std::int64_t offset)
    : std::runtime_error(offset < 0 ? fmt::format("{}: {}", path, message)
                                    : fmt::format("{}: {} at byte {}", path, message, offset)),
      path_(std::move(path)),
      offset_(offset) {}

}  // namespace xg

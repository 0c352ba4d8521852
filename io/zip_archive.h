#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace xg {

// Zip archives, of arrays (.npz) and of models. `format` stands in front of errors.

/// Tells `member` the name and the unpacked bytes of each one in turn. Throws FileError where the archive is damaged, a
/// member claims to unpack to more than it can, or a name stands twice.
void read_zip(const std::string& path, const char* format,
              const std::function<void(const std::string& name, const std::string& bytes)>& member);
/// The same of a file's bytes; `path` is for errors.
void parse_zip(std::string_view bytes, const std::string& path, const char* format,
               const std::function<void(const std::string& name, const std::string& bytes)>& member);

struct ZipMember {
    std::string name, bytes;
};
/// Replaces the file, or leaves it as it was. Throws FileError.
void write_zip(const std::string& path, const char* format, const std::vector<ZipMember>& members,
               bool compress = false);

}  // namespace xg

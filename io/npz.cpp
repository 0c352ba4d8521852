#include <zip.h>
#include <memory>
#include <set>
#include "bytes.h"
#include "npy.h"
#include "npy_format.h"

namespace xg {

namespace {
constexpr std::uint64_t largest_ratio = 1032;  // what deflate can do; more is a lie

struct Free {
    void operator()(zip_source_t* s) const { zip_source_free(s); }
    void operator()(zip_t* z) const { zip_discard(z); }
    void operator()(zip_file_t* f) const { zip_fclose(f); }
};

[[noreturn]] void refuse(const char* what, const std::string& path, const char* why) {
    throw FileError(fmt::format("npz: expected {}, got \"{}\"", what, why), path);
}
/// An archive over a buffer that libzip may grow; the source outlives the archive.
struct Buffer {
    Buffer(const void* data, std::size_t size, int flags, const std::string& path) {
        zip_error_t error;
        zip_error_init(&error);
        source.reset(zip_source_buffer_create(data, size, 0, &error));
        archive.reset(source ? zip_open_from_source(source.get(), flags, &error) : nullptr);
        if (archive) zip_source_keep(source.get());  // the archive owns it too
        const std::string why = archive ? "" : zip_error_strerror(&error);
        zip_error_fini(&error);
        if (!archive) refuse("a zip archive", path, why.c_str());
    }
    std::unique_ptr<zip_source_t, Free> source;
    std::unique_ptr<zip_t, Free> archive;
};
}  // namespace

NamedTensors load_npz(const std::string& path) { return parse_npz(read_file(path), path); }
NamedTensors parse_npz(std::string_view bytes, const std::string& path) {
    if (bytes.empty()) refuse("a zip archive", path, "an empty file");  // libzip would take it for one without members
    const Buffer zip(bytes.data(), bytes.size(), ZIP_RDONLY, path);
    const auto count = zip_get_num_entries(zip.archive.get(), 0);
    if (count > limits::tensors) refuse("fewer members", path, "more than a million");
    NamedTensors out;
    std::set<std::string> seen;
    for (zip_int64_t i = 0; i < count; ++i) {
        zip_stat_t member;
        if (zip_stat_index(zip.archive.get(), zip_uint64_t(i), 0, &member) != 0)
            refuse("a member's entry", path, zip_strerror(zip.archive.get()));
        std::string name = member.name;
        if (member.size > largest_ratio * (member.comp_size + 64))
            refuse("a member no larger than it can unpack to", path, member.name);
        if (!seen.insert(name).second) refuse("each member once", path, member.name);
        const std::unique_ptr<zip_file_t, Free> file(zip_fopen_index(zip.archive.get(), zip_uint64_t(i), 0));
        if (!file) refuse("a readable member", path, zip_strerror(zip.archive.get()));
        std::string data(member.size, '\0');
        if (zip_fread(file.get(), data.data(), member.size) != zip_int64_t(member.size) ||
            zip_fread(file.get(), name.data(), 1) != 0)
            refuse("a whole member", path, member.name);  // its checksum too
        name = member.name;
        if (name.ends_with(".npy")) name.resize(name.size() - 4);
        out.emplace_back(name, parse_npy(data, path + ":" + member.name));
    }
    return out;
}

void save_npz(const std::string& path, const NamedTensors& tensors, bool compress) {
    std::set<std::string> seen;
    for (const auto& [name, t] : tensors)
        require<std::invalid_argument>(seen.insert(name).second, "save_npz: expected different names, got \"{}\" twice",
                                       name);
    std::vector<std::string> members;
    for (const auto& [name, t] : tensors) members.push_back(format_npy(t));
    Buffer zip(nullptr, 0, ZIP_TRUNCATE, path);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        zip_source_t* source = zip_source_buffer(zip.archive.get(), members[i].data(), members[i].size(), 0);
        const auto index =
            source ? zip_file_add(zip.archive.get(), (tensors[i].first + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8)
                   : -1;
        if (index < 0) {
            zip_source_free(source);
            refuse("a name for a member", path, zip_strerror(zip.archive.get()));
        }
        zip_set_file_compression(zip.archive.get(), zip_uint64_t(index), compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    if (zip_close(zip.archive.get()) != 0) refuse("the archive to be written", path, zip_strerror(zip.archive.get()));
    (void)zip.archive.release();  // zip_close has freed it
    std::string out;
    if (zip_source_open(zip.source.get()) == 0) {
        zip_stat_t size;
        if (zip_source_stat(zip.source.get(), &size) == 0) {
            out.resize(size.size);
            if (zip_source_read(zip.source.get(), out.data(), size.size) != zip_int64_t(size.size)) out.clear();
        }
        zip_source_close(zip.source.get());
    }
    if (out.empty() && !tensors.empty()) refuse("the archive's bytes", path, "none");
    write_file(path, out);
}

}  // namespace xg

#include <zip.h>
#include <algorithm>
#include <memory>
#include <set>
#include "bytes.h"
#include "zip_archive.h"

namespace xg {

namespace {
constexpr std::uint64_t largest_ratio = 1032;  // what deflate can do; more is a lie
constexpr std::size_t first_piece = 1 << 16;

struct Free {
    void operator()(zip_source_t* s) const { zip_source_free(s); }
    void operator()(zip_t* z) const { zip_discard(z); }
    void operator()(zip_file_t* f) const { zip_fclose(f); }
};

[[noreturn]] void refuse(const char* format, const char* what, const std::string& path, const char* why) {
    throw FileError(fmt::format("{}: expected {}, got \"{}\"", format, what, why), path);
}
/// An archive over a buffer that libzip may grow; the source outlives the archive.
struct Buffer {
    Buffer(const void* data, std::size_t size, int flags, const char* format, const std::string& path) {
        zip_error_t error;
        zip_error_init(&error);
        source.reset(zip_source_buffer_create(data, size, 0, &error));
        archive.reset(source ? zip_open_from_source(source.get(), flags, &error) : nullptr);
        if (archive) zip_source_keep(source.get());  // the archive owns it too
        const std::string why = archive ? "" : zip_error_strerror(&error);
        zip_error_fini(&error);
        if (!archive) refuse(format, "a zip archive", path, why.c_str());
    }
    std::unique_ptr<zip_source_t, Free> source;
    std::unique_ptr<zip_t, Free> archive;
};
}  // namespace

void read_zip(const std::string& path, const char* format,
              const std::function<void(const std::string&, const std::string&)>& use) {
    parse_zip(read_file(path), path, format, use);
}
void parse_zip(std::string_view bytes, const std::string& path, const char* format,
               const std::function<void(const std::string&, const std::string&)>& use) {
    if (bytes.empty())
        refuse(format, "a zip archive", path, "an empty file");  // libzip would take it for one without members
    const Buffer zip(bytes.data(), bytes.size(), ZIP_RDONLY, format, path);
    const auto count = zip_get_num_entries(zip.archive.get(), 0);
    if (count > limits::tensors) refuse(format, "fewer members", path, "more than a million");
    std::set<std::string> seen;
    for (zip_int64_t i = 0; i < count; ++i) {
        zip_stat_t member;
        if (zip_stat_index(zip.archive.get(), zip_uint64_t(i), 0, &member) != 0)
            refuse(format, "a member's entry", path, zip_strerror(zip.archive.get()));
        const std::string name = member.name;
        if (member.comp_size > bytes.size() || member.size > largest_ratio * (member.comp_size + 64))
            refuse(format, "a member no larger than it can unpack to", path, member.name);
        if (!seen.insert(name).second) refuse(format, "each member once", path, member.name);
        const std::unique_ptr<zip_file_t, Free> file(zip_fopen_index(zip.archive.get(), zip_uint64_t(i), 0));
        if (!file) refuse(format, "a readable member", path, zip_strerror(zip.archive.get()));
        std::string data;
        while (data.size() < member.size) {  // memory grows with what has been unpacked, not with what is claimed
            const auto done = data.size();
            const auto piece = std::min(member.size - done, std::max({first_piece, done, member.comp_size}));
            data.resize(done + piece);
            if (zip_fread(file.get(), data.data() + done, piece) != zip_int64_t(piece))
                refuse(format, "a whole member", path, member.name);
        }
        if (char more; zip_fread(file.get(), &more, 1) != 0)
            refuse(format, "a whole member", path, member.name);  // its checksum too
        use(member.name, data);
    }
}

void write_zip(const std::string& path, const char* format, const std::vector<ZipMember>& members, bool compress) {
    Buffer zip(nullptr, 0, ZIP_TRUNCATE, format, path);
    for (std::size_t i = 0; i < members.size(); ++i) {
        zip_source_t* source =
            zip_source_buffer(zip.archive.get(), members[i].bytes.data(), members[i].bytes.size(), 0);
        const auto index =
            source ? zip_file_add(zip.archive.get(), members[i].name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) {
            zip_source_free(source);
            refuse(format, "a name for a member", path, zip_strerror(zip.archive.get()));
        }
        zip_set_file_compression(zip.archive.get(), zip_uint64_t(index), compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    if (zip_close(zip.archive.get()) != 0)
        refuse(format, "the archive to be written", path, zip_strerror(zip.archive.get()));
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
    if (out.empty() && !members.empty()) refuse(format, "the archive's bytes", path, "none");
    write_file(path, out);
}

}  // namespace xg

#include <set>
#include "../tensor/error.h"
#include "bytes.h"
#include "npy.h"
#include "npy_format.h"
#include "zip_archive.h"

namespace xg {

NamedTensors load_npz(const std::string& path) { return parse_npz(read_file(path), path); }
NamedTensors parse_npz(std::string_view bytes, const std::string& path) {
    NamedTensors out;
    parse_zip(bytes, path, "npz", [&](const std::string& member, const std::string& unpacked) {
        const std::string name = member.ends_with(".npy") ? member.substr(0, member.size() - 4) : member;
        out.emplace_back(name, parse_npy(unpacked, path + ":" + member));
    });
    return out;
}

void save_npz(const std::string& path, const NamedTensors& tensors, bool compress) {
    std::set<std::string> seen;
    for (const auto& [name, t] : tensors)
        require<std::invalid_argument>(seen.insert(name).second, "save_npz: expected different names, got \"{}\" twice",
                                       name);
    std::vector<ZipMember> members;
    for (const auto& [name, t] : tensors) members.push_back({name + ".npy", format_npy(t)});
    write_zip(path, "npz", members, compress);
}

}  // namespace xg

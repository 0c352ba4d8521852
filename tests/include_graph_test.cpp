#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include "catch.h"

namespace {
namespace fs = std::filesystem;
const fs::path root = XGRAD_SOURCE_DIR;

/// What a file includes between these characters.
std::vector<std::string> includes(const fs::path& file, char open, char close) {
    std::vector<std::string> found;
    std::ifstream in(file);
    const std::string begin = std::string("#include ") + open;
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(begin))
            found.push_back(line.substr(begin.size(), line.find(close, begin.size()) - begin.size()));
    return found;
}
std::vector<std::string> own(const fs::path& file) { return includes(file, '"', '"'); }
std::vector<std::string> system_wide(const fs::path& file) { return includes(file, '<', '>'); }
}  // namespace

TEST_CASE("includes point down only", "[project]") {
    // Who may look at whom, besides itself.
    const std::map<std::string, std::set<std::string>> below{
        {"tensor", {}},
        {"autograd", {"tensor"}},
        {"nn", {"tensor", "autograd"}},
        {"optim", {"tensor", "autograd", "nn"}},
        {"io", {"tensor", "autograd"}},
        {"data", {"tensor", "autograd", "io"}},
        {"train", {"tensor", "autograd", "nn", "optim", "io", "data"}}};
    int arrows = 0;
    for (const auto& [folder, allowed] : below)
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
            for (const auto& name : own(entry.path())) {
                const std::string to =
                    *fs::relative((entry.path().parent_path() / name).lexically_normal(), root).begin();
                INFO(entry.path().string() << " includes " << name);
                CHECK((to == folder || allowed.contains(to)));
                ++arrows;
            }
            for (const auto& name : system_wide(entry.path())) {
                INFO(entry.path().string() << " includes " << name);
                CHECK((!name.starts_with("xtensor/") || entry.path().filename() == "xtensor.h"));
                CHECK((!name.starts_with("nlohmann/") || entry.path().filename() == "json.cpp"));
            }
        }
    CHECK(arrows > 100);
}

TEST_CASE("xgrad.h leaves out what is slow to compile", "[project]") {
    std::set<fs::path> seen;
    std::vector<fs::path> open{root / "xgrad.h"};
    while (!open.empty()) {
        const fs::path file = open.back();
        open.pop_back();
        if (!seen.insert(file).second) continue;
        for (const auto& name : system_wide(file)) {
            INFO(file.string());
            CHECK_FALSE(std::set<std::string>{"chrono", "iostream", "regex", "nlohmann/json.hpp"}.contains(name));
        }
        for (const auto& name : own(file)) open.push_back((file.parent_path() / name).lexically_normal());
    }
    CHECK(seen.size() > 20);
}

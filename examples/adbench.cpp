// The four objectives of ADBench, the public benchmark of automatic differentiation tools (Srajer, Kukelova,
// Fitzgibbon: A benchmark of selected algorithmic differentiation tools, 2018), in our own operations.
//     ./dev run adbench CASE.json...
// reads files of expected values, runs their cases, and prints a line of JSON for each.
#include <cstdio>
#include <filesystem>
#include "../io/bytes.h"
#include "adbench/case.h"

namespace {
/// `name` beside the expected values, or beside their folder.
std::string beside(const std::filesystem::path& expected, const std::string& name) {
    const auto folder = std::filesystem::absolute(expected).parent_path();
    return std::filesystem::exists(folder / name) ? folder / name : folder.parent_path() / name;
}
std::string run(const std::string& path) {
    adbench::Report report(xg::Json::parse(xg::read_file(path)));
    const auto& expected = report.expected();
    const std::string kind = expected.at("objective_kind").string(), data = beside(path, expected.at("data").string());
    if (kind == "gmm") adbench::gmm(data, report);
    else if (kind == "lstm") adbench::lstm(data, report);
    else if (kind == "ba") adbench::ba(data, report);
    else if (kind == "hand") adbench::hand(data, beside(path, expected.at("model").string()), report);
    else throw std::invalid_argument("adbench: expected gmm, lstm, ba or hand, got " + kind);
    return report.line();
}
}  // namespace

int main(int count, char** arguments) {
    xg::set_num_threads(1);
    if (count < 2) {
        fmt::print(stderr, "adbench: expected files of expected values, got none\n");
        return 2;
    }
    bool passed = true;
    for (int i = 1; i < count; ++i) try {
            const std::string line = run(arguments[i]);
            fmt::print("{}\n", line);
            passed &= line.find("\"passed\":true") != std::string::npos;
        } catch (const std::exception& e) {
            fmt::print(stderr, "{}\n", e.what());
            return 2;
        }
    return passed ? 0 : 1;
}

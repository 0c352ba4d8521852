// golden DIR [FAMILY...]: runs reference cases from other libraries through ours, in float64, and says what differs.
#include <filesystem>
#include <set>
#include "../io/bytes.h"
#include "golden/case.h"
using namespace xg;
using namespace xg::golden;

namespace {
struct Count {
    int passed = 0, failed = 0, skipped = 0;
};
Count run_family(const std::filesystem::path& file) {
    const Json contents = Json::parse(read_file(file.string())), &all_cases = contents.at("cases");
    static const std::map<std::string, void (*)(const Json&, Comparison&)> families{
        {"activations", activation},
        {"autodiff", autodiff},
        {"constraints", constraint},
        {"initializers", initializer},
        {"layers_attention", layer},
        {"layers_conv", layer},
        {"layers_core", layer},
        {"layers_norm", layer},
        {"layers_pool", layer},
        {"layers_preprocess", layer},
        {"layers_rnn", layer},
        {"layers_shape", layer},
        {"losses", loss},
        {"losses_torch", torch_loss},
        {"metrics", metric},
        {"numpy_ops", numpy},
        {"optimizers", optimizer},
        {"optimizers_torch", optimizer_torch},
        {"regularizers", regularizer},
        {"schedules", schedule}};
    Count count;
    std::set<std::string> skipped;
    Json earlier = Json::array();
    // A file may be called otherwise than the family whose cases it holds.
    const std::string family =
        contents.contains("meta") ? contents["meta"].value("family", file.stem().string()) : file.stem().string();
    for (const Json& c : all_cases) {
        const std::string& name = c.at("name").string();
        Comparison compare(c.value("tolerance", 1e-10));
        try {
            if (family == "training") training(c, compare, earlier);
            else if (const auto found = families.find(family); found != families.end()) found->second(c, compare);
            else throw Skip{"the family " + family};
            ++(compare.ok() ? count.passed : count.failed);
            if (!compare.ok()) fmt::print("FAILED {}: {}\n", name, compare.text());
        } catch (const Skip& skip) {
            ++count.skipped;
            skipped.insert(name.substr(0, name.find('/')));
        } catch (const std::exception& e) {
            ++count.failed;
            fmt::print("FAILED {}: {}\n", name, e.what());
        }
        earlier.push_back(c);
    }
    fmt::print("{}: {} passed, {} failed, {} skipped", file.stem().string(), count.passed, count.failed, count.skipped);
    const char* between = " (";
    for (auto& name : skipped) fmt::print("{}{}", std::exchange(between, ", "), name);
    fmt::print("{}\n", skipped.empty() ? "" : ")");
    return count;
}
}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        fmt::print("golden DIR [FAMILY...]: expected a folder of reference cases\n");
        return 2;
    }
    const std::set<std::string> wanted(arguments + 2, arguments + count);
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1]))
        if (entry.path().extension() == ".json" && entry.path().stem() != "DEFAULTS" &&
            (wanted.empty() || wanted.contains(entry.path().stem())))
            files.insert(entry.path());
    Count total;
    for (const auto& file : files) {
        const Count c = run_family(file);
        total.passed += c.passed, total.failed += c.failed, total.skipped += c.skipped;
    }
    fmt::print("{} passed, {} failed, {} skipped\n", total.passed, total.failed, total.skipped);
    return total.failed ? 1 : 0;
}

#include <algorithm>
#include <map>
#include "../io/safetensors.h"
#include "../io/zip_archive.h"
#include "../nn/settings.h"
#include "../tensor/json.h"
#include "model.h"

namespace xg {

namespace {
constexpr int version = 1;

/// The paths of what was frozen as a whole.
void list_frozen(const Module& module, const std::string& path, std::vector<std::string>& paths) {
    if (module.frozen()) {
        paths.push_back(path);
        return;
    }
    for (auto& c : module.children()) list_frozen(*c.module, path.empty() ? c.name : path + "." + c.name, paths);
}
void freeze(Module& module, const std::string& path, const std::vector<std::string>& paths) {
    if (std::ranges::find(paths, path) != paths.end()) module.freeze();
    for (auto& c : module.children()) freeze(*c.module, path.empty() ? c.name : path + "." + c.name, paths);
}
DType type_of(const Module& module) {
    for (auto& [name, value] : module.state())
        if (is_float(value.dtype())) return value.dtype();
    return f32;
}
Json architecture(const Module& module) {
    Json j = describe(module);
    j["format"] = "xgrad model", j["version"] = version;
    j["dtype"] = name_of(type_of(module));
    j["input_shapes"] = Json::object();
    for (auto& [path, shape] : module.input_shapes()) j["input_shapes"][path] = value(shape);
    std::vector<std::string> frozen;
    list_frozen(module, "", frozen);
    j["frozen"] = frozen;
    return j;
}
std::shared_ptr<Module> built_from(const Json& j) {
    require<std::invalid_argument>(j.at("format") == "xgrad model" && j.at("version").get<int>() <= version,
                                   "expected an xgrad model of version {} at most, got {} of version {}", version,
                                   j.at("format").dump(), j.at("version").dump());
    auto module = module_from(j);
    const DType dtype = dtype_from(j.at("dtype").string());
    std::vector<std::pair<std::string, Shape>> shapes;
    for (auto& [path, extents] : j.at("input_shapes").items()) {
        shapes.emplace_back(path, Shape());
        from(extents, shapes.back().second);
    }
    module->build_from(shapes, dtype);
    if (type_of(*module) != dtype) module->to(dtype);
    freeze(*module, "", j.at("frozen").get<std::vector<std::string>>());
    return module;
}
/// What JSON and vectors throw where something is missing, as a sentence.
template <class F> auto explained(const char* who, const F& f) {
    try {
        return f();
    } catch (const JsonError& e) {
        fail<std::invalid_argument>("{}: expected a model's configuration, got one that lacks a part: {}", who,
                                    std::string(e.what()));
    } catch (const std::out_of_range& e) {
        fail<std::invalid_argument>("{}: expected a model's configuration, got one that lacks a part: {}", who,
                                    std::string(e.what()));
    }
}
}  // namespace

/// Reads and writes what a Model keeps to itself.
class SavedModel {
public:
    static Json compiled(const Model& model) {
        Json j{{"optimizer", value(model.options_.optimizer)}};
        for (const auto& head : model.heads_) {
            Json metrics = Json::array(), weighted = Json::array();
            const std::string prefix = head.name.empty() ? "" : head.name + "_";
            for (std::size_t m = head.first_metric; m < head.last_metric; ++m) {
                auto& list = m < head.first_weighted ? metrics : weighted;
                list.push_back(value(model.options_.metrics[m]));
                list.back()["name"] = model.options_.metrics[m]->name().substr(prefix.size());
            }
            j["outputs"].push_back({{"loss", value(head.loss)},
                                    {"weight", head.weight},
                                    {"metrics", metrics},
                                    {"weighted_metrics", weighted}});
        }
        return j;
    }
    static void compile(Model& model, const Json& j) {
        CompileOptions options;
        from(j.at("optimizer"), options.optimizer);
        for (auto& output : j.at("outputs")) {
            from(output.at("loss"), options.losses.emplace_back());
            options.loss_weights.push_back(output.at("weight").number());
            const auto read = [&](const char* list, std::vector<Box<Metric>>& metrics) {
                for (auto& m : output.at(list)) {
                    from(m, metrics.emplace_back());
                    metrics.back()->rename(m.at("name").string());
                }
            };
            read("metrics", options.output_metrics.emplace_back());
            read("weighted_metrics", options.output_weighted_metrics.emplace_back());
        }
        model.compile(std::move(options));
    }
    static bool is_compiled(const Model& model) { return model.compiled_; }
    static Optimizer& optimizer(const Model& model) { return *model.options_.optimizer; }
};

std::string Model::to_json() const { return architecture(*module_).dump(2); }
Model model_from_json(const std::string& text) {
    return explained("model_from_json", [&] { return Model(built_from(parse_object("model_from_json", text))); });
}

void save_model(const Model& model, const std::string& path, SaveOptions options) {
    const Module& module = model.module();
    require<std::logic_error>(module.built() || !module.state().empty(),
                              "save_model: expected a {} that is built, got one that has seen no input", module.type());
    Json j = architecture(module);
    std::vector<ZipMember> members{{"config.json", ""}, {"weights.safetensors", format_safetensors(module.state())}};
    if (options.compiled && SavedModel::is_compiled(model)) {
        j["compile"] = SavedModel::compiled(model);
        members.push_back({"optimizer.safetensors", format_safetensors(SavedModel::optimizer(model).state())});
    }
    members[0].bytes = j.dump(2);
    write_zip(path, "save_model", members);
}

Model load_model(const std::string& path) {
    std::map<std::string, std::string> members;
    read_zip(path, "load_model", [&](const std::string& name, const std::string& bytes) { members[name] = bytes; });
    try {
        return explained("load_model", [&] {
            const Json j = parse_object("load_model", members.at("config.json"));
            Model model(built_from(j));
            set_weights(model.module(),
                        parse_safetensors(members.at("weights.safetensors"), path + ":weights.safetensors").tensors,
                        {});
            if (j.contains("compile")) {
                SavedModel::compile(model, j["compile"]);
                model.optimizer().set_state(
                    parse_safetensors(members.at("optimizer.safetensors"), path + ":optimizer.safetensors").tensors);
            }
            return model;
        });
    } catch (const FileError&) { throw; } catch (const std::logic_error& e) {
        throw FileError(e.what(), path);
    }
}

}  // namespace xg

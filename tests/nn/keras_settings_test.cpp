// Keras' own list of its layers' arguments, tests/golden/DEFAULTS.json, against the settings here.
#include <map>
#include <set>
#include "../../io/bytes.h"
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
const Json& keras() {
    static const Json all = Json::parse(read_file(XGRAD_SOURCE_DIR "/tests/golden/DEFAULTS.json"));
    return all;
}
/// A value for each argument that has no default.
const Json& required() {
    static const Json values = Json::parse(R"({
        "activation": "relu", "axes": 1, "cell": {"class_name": "GRUCell", "config": {"units": 2}},
        "cells": [{"class_name": "GRUCell", "config": {"units": 2}}], "cropping": 1, "dims": [2, 1],
        "equation": "ab,bc->ac", "factor": 0.1, "filters": 2, "function": "relu", "height": 2, "height_factor": 0.1,
        "input_dim": 2, "kernel_size": 2, "key_dim": 2, "layer": {"class_name": "Dense", "config": {"units": 2}},
        "n": 2, "num_bins": 2, "num_heads": 2, "output_dim": 2, "output_shape": 2, "output_size": 2, "pool_size": 2,
        "rate": 0.5, "scale": 2.0, "stddev": 0.5, "target_shape": [2], "units": 2, "width": 2, "width_factor": 0.1})");
    return values;
}
/// What some layers need beside it.
const std::map<std::string, Json>& more() {
    static const std::map<std::string, Json> values{
        {"Bidirectional", {{"layer", {{"class_name", "LSTM"}, {"config", {{"units", 2}}}}}}},
        {"CategoryEncoding", {{"num_tokens", 2}}},
        {"Discretization", {{"num_bins", 2}}}};
    return values;
}
/// A list of equal numbers says no more than one of them, an empty one nothing; an object of a class says its name.
Json simplified(const Json& value) {
    if (value == Json::array() || value == "linear") return nullptr;
    if (value.is_object() && value.contains("class_name")) return snake(value["class_name"].string());
    if (value.is_string()) return value == "uniform" ? Json("random_uniform") : Json(snake(value.string()));
    if (!value.is_array() || value.empty()) return value;
    Json first = simplified(value[0]);
    for (auto& each : value)
        if (simplified(each) != first) return value;
    return first;
}
/// What stands for Keras' None where that is no null.
Json none_of(const std::string& name) {
    static const std::map<std::string, Json> others{
        {"bias_axes", ""}, {"data_format", "channels_last"}, {"max_tokens", 0}, {"max_value", "inf"},
        {"num_bins", 0},   {"output_sequence_length", 0},    {"seed", -1},      {"backward_layer", "lstm"}};
    return others.contains(name) ? others.at(name) : Json();
}
struct KerasLayer {
    std::string name;
    Json needed = Json::object(), defaults = Json::object();
};
std::vector<KerasLayer> layers_of_keras() {
    const auto ours = library_modules();
    std::vector<KerasLayer> all;
    for (auto& [name, arguments] : keras()["layers"]["classes"].items()) {
        if (std::ranges::find(ours, name) == ours.end()) continue;
        KerasLayer& layer = all.emplace_back(KerasLayer{name});
        for (auto& a : arguments)
            if (a.contains("default")) layer.defaults[a["name"].string()] = a["default"];
            else if (!a.contains("kind")) {
                INFO(name << " needs " << a["name"]);
                layer.needed[a["name"].string()] = required().at(a["name"].string());
            }
        if (const auto found = more().find(name); found != more().end()) {
            for (auto& [also, value] : found->second.items()) layer.needed[also] = value, layer.defaults.erase(also);
        }
    }
    return all;
}
}  // namespace

TEST_CASE("every argument of Keras' layers is taken at its default", "[layers][keras]") {
    for (const KerasLayer& layer : layers_of_keras()) {
        INFO(layer.name);
        for (auto& [name, value] : layer.defaults.items()) {
            Json settings = layer.needed;
            settings[name] = value;
            INFO(name << " = " << value.dump());
            CHECK_NOTHROW(make_module(layer.name, Config(settings)));
        }
    }
}

TEST_CASE("settings begin with the defaults of Keras", "[layers][keras]") {
    for (const KerasLayer& layer : layers_of_keras()) {
        INFO(layer.name);
        Config config;
        make_module(layer.name, Config(layer.needed))->describe(config);
        for (auto& [name, value] : layer.defaults.items()) {
            if (!config.json().contains(name)) continue;  // it may only have its default: config.cpp
            const Json own = simplified(config.json()[name]),
                       wanted = value.is_null() ? none_of(name) : simplified(value);
            INFO(name << " is " << own.dump() << ", Keras' " << wanted.dump());
            CHECK(own == wanted);
        }
    }
}

TEST_CASE("what of Keras has no part here can only have its default", "[layers][keras]") {
    const auto refused = [](const char* layer, Json settings) { make_module(layer, Config(settings)); };
    CHECK_THROWS_WITH(refused("Dense", {{"units", 1}, {"lora_rank", 4}}), "Dense: expected lora_rank null, got 4");
    CHECK_THROWS_WITH(refused("CategoryEncoding", {{"num_tokens", 1}, {"sparse", true}}),
                      "CategoryEncoding: expected sparse false, got true");
    CHECK_THROWS_WITH(refused("BatchNormalization", {{"renorm", true}}),
                      "BatchNormalization: expected renorm false, got true");
    CHECK_THROWS_WITH(refused("RandomFlip", {{"data_format", "channels_first"}}),
                      "RandomFlip: expected data_format \"channels_last\", got \"channels_first\"");
}

TEST_CASE("layers of Keras that are missing are known to be", "[layers][keras]") {
    // Of other frameworks, of audio, base classes, and augmentations beyond the usual ones.
    const std::set<std::string> missing{"AugMix",
                                        "AutoContrast",
                                        "ContrastLimitedAdaptiveHistogramEqualization",
                                        "CutMix",
                                        "Equalization",
                                        "FlaxLayer",
                                        "HashedCrossing",
                                        "InputLayer",
                                        "InputSpec",
                                        "JaxLayer",
                                        "Layer",
                                        "MaxNumBoundingBoxes",
                                        "MelSpectrogram",
                                        "MixUp",
                                        "Pipeline",
                                        "RandAugment",
                                        "RandomColorDegeneration",
                                        "RandomColorJitter",
                                        "RandomElasticTransform",
                                        "RandomErasing",
                                        "RandomGaussianBlur",
                                        "RandomGrayscale",
                                        "RandomHue",
                                        "RandomInvert",
                                        "RandomPerspective",
                                        "RandomPosterization",
                                        "RandomSaturation",
                                        "RandomSharpness",
                                        "RandomShear",
                                        "ReversibleEmbedding",
                                        "STFTSpectrogram",
                                        "Solarization",
                                        "TFSMLayer",
                                        "TorchModuleWrapper",
                                        "Wrapper"};
    const auto ours = library_modules();
    for (auto& [name, arguments] : keras()["layers"]["classes"].items()) {
        INFO(name);
        CHECK((std::ranges::find(ours, name) == ours.end()) == missing.contains(name));
    }
}

TEST_CASE("layers are found by Keras' other names", "[layers][keras]") {
    const std::map<std::string, Json> needed{
        {"pool", {{"pool_size", 2}}},
        {"conv", {{"filters", 2}, {"kernel_size", 2}}},
        {"grouped", {{"head_dim", 2}, {"num_query_heads", 2}, {"num_key_value_heads", 2}}}};
    for (auto& [other, name] : keras()["layers"]["aliases"].items()) {
        const std::string canonical = name == "GroupedQueryAttention" ? other : name.get<std::string>();
        const Json settings =
            canonical.starts_with("Global")  ? Json::object()
            : canonical.starts_with("Group") ? needed.at("grouped")
            : canonical.ends_with("Pooling1D") || canonical.ends_with("Pooling2D") || canonical.ends_with("Pooling3D")
                ? needed.at("pool")
                : needed.at("conv");
        INFO(other);
        CHECK(make_module(other, Config(settings))->type() == canonical);
    }
    CHECK(make_module("GroupedQueryAttention", Config(needed.at("grouped")))->type() == "GroupQueryAttention");
}

TEST_CASE("null is no activation, not the default one", "[layers][keras]") {
    const Json settings = Json::parse(R"({"units": 1, "activation": null, "kernel_initializer": "ones",
                                          "recurrent_initializer": "ones"})");
    const Tensor steps = tensor({{{1}, {2}, {4}}});
    const auto layer = make_module("SimpleRNN", Config(settings));
    CHECK((*layer)(steps).item() == 7);
    CHECK((*layer->clone())(steps).item() == 7);
}

TEST_CASE("attention_axes count from the end with the features as the last", "[layers][keras]") {
    const Tensor x = uniform(RandomKey{1, 1}, {2, 3, 5, 4}, -1, 1);
    for (const int axis : {1, 2}) {
        MultiHeadAttention a({.num_heads = 2, .key_dim = 3, .attention_axes = {axis}});
        MultiHeadAttention b({.num_heads = 2, .key_dim = 3, .attention_axes = {axis - 4}});
        a(x), b(x);
        for (std::size_t i = 0; i < a.state().size(); ++i)
            Tensor(b.state()[i].second).assign(a.state()[i].second.detach());
        CHECK(array_equal(a(x).detach(), b(x).detach()));
    }
    for (const int axis : {0, -1, 3})
        CHECK_THROWS_WITH(MultiHeadAttention({.num_heads = 1, .key_dim = 2, .attention_axes = {axis}})(x),
                          ContainsSubstring("expected attention_axes between batch and features, got axis"));
}

TEST_CASE("activations are known by Keras' serialized name, initializers by all of theirs", "[layers][keras]") {
    Config config;
    make_module("Dense", Config(Json::parse(R"({"units": 2, "kernel_initializer": "OrthogonalInitializer",
        "activation": {"module": "builtins", "class_name": "function", "config": "tanh", "registered_name": "function"}})")))
        ->describe(config);
    CHECK(config.json()["activation"] == "tanh");
    CHECK(config.json()["kernel_initializer"]["class_name"] == "Orthogonal");
}

TEST_CASE("the scale of RMSNormalization goes along the last axes whatever the axis", "[layers][keras]") {
    CHECK_THROWS_WITH(RMSNormalization({.axis = {1}})(zeros({2, 3, 4})),
                      "RMSNormalization: expected a scale (3,) that goes along the last axes, got input (2, 3, 4)");
}

TEST_CASE("a layer is an activation", "[layers][keras]") {
    const Json leaky = Json::parse(R"({"class_name": "LeakyReLU", "config": {"negative_slope": 0.5}})");
    const Tensor x = tensor({{-2, 4}});
    const auto dense =
        make_module("Dense", Config(Json{{"units", 1}, {"kernel_initializer", "ones"}, {"activation", leaky}}));
    CHECK((*dense)(tensor({{-2, -4}})).item() == -3);
    CHECK((*dense->clone())(tensor({{-2, -4}})).item() == -3);
    CHECK(array_equal(Activation(LayerFunction(LeakyReLU({.negative_slope = 0.5})))(x), tensor({{-1, 4}})));
    Config config;
    dense->describe(config);
    CHECK(config.json()["activation"] == leaky);
    // One with weights is a child; where nobody adopts it, it is refused.
    const auto sloped = make_module(
        "Dense", Config(Json{{"units", 1}, {"activation", {{"class_name", "PReLU"}, {"config", Json::object()}}}}));
    (*sloped)(x);
    CHECK(sloped->get_layer("activation").named_parameters().at(0).first == "alpha");
    CHECK(sloped->parameters().size() == 3);
    CHECK(sloped->clone()->parameters().size() == 3);
    CHECK_THROWS_WITH(LayerFunction(PReLU())(x), "activation: expected a layer without weights, got PReLU");
}

#include <filesystem>
#include <fstream>
#include <sstream>
#include "../../io/zip_archive.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
/// What a user writes with xgrad.h alone.
struct Residual : Module {
    explicit Residual(std::int64_t n, Function f = "relu") : units(n), activation(f) {}
    std::int64_t units;
    Function activation;
    Dense& inner = child("inner", Dense(units, activation));
    Tensor scale = parameter("scale", ones({units}));
    Tensor forward(const Tensor& x) override { return x + scale * inner(x); }
    void describe(Config& config) const override {
        config.set("units", units);
        config.set("activation", activation);
    }
    static Residual from_config(const Config& config) {
        return Residual(config.get<std::int64_t>("units"), config.get<Function>("activation", "relu"));
    }
};
struct Wrapper : Module {
    explicit Wrapper(std::shared_ptr<Module> layer) : inner(child("inner", std::move(layer))) {}
    Module& inner;
    Tensor forward(const Tensor& x) override { return inner(x); }
    void describe(Config& config) const override { config.set("inner", inner); }
    static Wrapper from_config(const Config& config) { return Wrapper(config.layer("inner")); }
};
struct Unregistered : Module {
    Tensor forward(const Tensor& x) override { return x; }
    void describe(Config&) const override {}
};
struct Pinball : Loss {
    explicit Pinball(double quantile) : q(quantile) {}
    double q;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override {
        const Tensor off = y_true - y_pred;
        return mean(maximum(off * q, off * (q - 1)), -1);
    }
    void describe(Config& config) const { config.set("q", q); }
    static Pinball from_config(const Config& config) { return Pinball(config.get<double>("q")); }
};
struct File {
    explicit File(const std::string& name) : path(std::filesystem::temp_directory_path() / ("xgrad_saving_" + name)) {}
    ~File() { std::filesystem::remove(path); }
    std::string path;
};
bool same(const Model& a, const Model& b) {
    const auto v = a.module().state(), w = b.module().state();
    if (v.size() != w.size()) return false;
    for (std::size_t i = 0; i < v.size(); ++i)
        if (v[i].first != w[i].first || !array_equal(v[i].second.detach(), w[i].second.detach())) return false;
    return true;
}
}  // namespace

TEST_CASE("a saved model goes on where it was, bit by bit", "[saving]") {
    auto [train, test] = data::iris();
    set_seed(3);
    Model model{Sequential{Normalization(), Dense(8, tanh), Dropout(0.0), Dense(3)}};
    model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    dynamic_cast<Normalization&>(*model.module().children()[0].module).adapt(train.x);
    model.fit(train.x, train.y, {.epochs = 3, .verbose = 0});
    const File file("goes_on.xgrad");
    save_model(model, file.path);
    Model again = load_model(file.path);
    CHECK(same(model, again));
    CHECK(array_equal(model.predict(test.x), again.predict(test.x)));
    CHECK(again.optimizer().steps() == model.optimizer().steps());
    const FitOptions more{.epochs = 2, .verbose = 0, .seed = 5};
    const History a = model.fit(train.x, train.y, more), b = again.fit(train.x, train.y, more);
    CHECK(a["loss"] == b["loss"]);
    CHECK(a["accuracy"] == b["accuracy"]);
    CHECK(same(model, again));
    // Without what compile said.
    save_model(model, file.path, {.compiled = false});
    Model plain = load_model(file.path);
    CHECK(same(model, plain));
    CHECK_THROWS_WITH(plain.evaluate(test.x, test.y), "evaluate: expected compile() before");
}

TEST_CASE("a graph with several outputs, frozen parts and float64 is saved", "[saving]") {
    Input x({4}), z({4});
    auto tower = share(Sequential{Dense(4, relu)});
    const Symbol both = (x | tower) + (z | tower);
    Model model({x, z}, {{"size", both | Dense(1)}, {"kind", both | Dense(3, "softmax")}});
    model.module().to(f64);
    tower->freeze();
    model.compile({.losses = {MeanSquaredError(), SparseCategoricalCrossentropy()},
                   .loss_weights = {0.5, 2},
                   .output_metrics = {{}, {"accuracy"}}});
    set_seed(1);
    const Tensor a = randn({20, 4}, f64), b = randn({20, 4}, f64), size = randn({20, 1}, f64),
                 kind = randint({20}, 0, 3);
    model.fit({a, b}, {size, kind}, {.epochs = 2, .verbose = 0});
    const File file("graph.xgrad");
    save_model(model, file.path);
    Model again = load_model(file.path);
    CHECK(same(model, again));
    CHECK(again.module().state()[0].second.dtype() == f64);
    CHECK(again.parameters().size() == model.parameters().size());
    const Logs v = model.evaluate({a, b}, {size, kind}), w = again.evaluate({a, b}, {size, kind});
    for (auto& [name, value] : v) CHECK(w[name] == value);
    CHECK(v.contains("kind_accuracy"));
    const Model from_text = model_from_json(model.to_json());
    CHECK(from_text.module().state().size() == model.module().state().size());
    CHECK(from_text.to_json() == model.to_json());
}

TEST_CASE("classes and functions of one's own are saved after one line each", "[saving]") {
    register_layer<Residual>("Residual");
    register_layer<Wrapper>("Wrapper");
    register_class<Loss, Pinball>("Pinball");
    register_function("halved", [](const Tensor& x) { return 0.5 * x; });
    Model model{Sequential{Dense(4, "halved"), Residual(4, "tanh"), Wrapper(share(Dense(4))), Dense(1)}};
    model.compile({.optimizer = "sgd", .loss = Pinball(0.3)});
    const Tensor x = randn({10, 3}), y = randn({10, 1});
    model.fit(x, y, {.verbose = 0});
    const File file("own.xgrad");
    save_model(model, file.path);
    Model again = load_model(file.path);
    CHECK(array_equal(model.predict(x), again.predict(x)));
    CHECK(again.evaluate(x, y)["loss"] == model.evaluate(x, y)["loss"]);
    CHECK(array_equal((*model.module().clone())(x), model.predict(x)));

    CHECK_THROWS_WITH(register_layer<Unregistered>("Dense"),
                      "register_layer: expected a name of its own, got \"Dense\", which is taken");
    CHECK_THROWS_WITH(register_function("relu", [](const Tensor& v) { return v; }),
                      "register_function: expected a name of its own, got \"relu\", which is taken");
    CHECK_THROWS_WITH(Residual::from_config(Config::parse(R"({"unit": 3})")),
                      "Config: expected a setting \"units\", got none");
    CHECK_THROWS_WITH(Residual::from_config(Config::parse(R"({"units": 2.5})")),
                      "Config: expected a whole number, got 2.5 for \"units\"");
    CHECK_THROWS_WITH(model_from_json(R"({"format": "xgrad model", "version": 1, "class_name": "Residual",
                                          "config": {"units": 2, "actvation": "relu"}, "dtype": "float32",
                                          "input_shapes": {}, "frozen": []})"),
                      "Residual: expected a known setting, got \"actvation\"");
}

TEST_CASE("settings keep their types and values", "[saving]") {
    Config config;
    const auto there_and_back = [&]<class T>(const T& setting) {
        config.set("setting", setting);
        CHECK(Config::parse(config.text()).get<T>("setting") == setting);
    };
    there_and_back(true);
    there_and_back(-3);
    there_and_back(std::int64_t(1) << 62);
    there_and_back(0.1);
    there_and_back(__builtin_inf());
    there_and_back(0.1f);
    there_and_back(std::string("a \"word\""));
    there_and_back(Shape{2, -1});
    there_and_back(f64);
    there_and_back(std::vector<int>{2});
    there_and_back(std::vector<std::int64_t>{});
    there_and_back(std::vector<double>{0.5, 2});
    there_and_back(Strings{"a", "b"});
    config.set("function", Function("tanh"));
    CHECK(config.get<Function>("function").name() == "tanh");
    CHECK(config.get<int>("missing", 7) == 7);
    config.set("word", "seven");
    CHECK_THROWS_WITH(config.get<int>("word"), "Config: expected a whole number, got \"seven\" for \"word\"");
    CHECK_THROWS_WITH(config.get<bool>("setting"), "Config: expected a bool, got [\"a\",\"b\"] for \"setting\"");
    const Config copy = config;
    config.set("word", "eight");
    CHECK(copy.get<std::string>("word") == "seven");
}

TEST_CASE("what cannot be made again is not saved", "[saving]") {
    const File file("refused.xgrad");
    const auto refusal = [&](Sequential net) {
        Model model{std::move(net)};
        model(ones({1, 2}));
        save_model(model, file.path);
    };
    CHECK_THROWS_WITH(
        refusal({Dense(2), Unregistered()}),
        "Unregistered: expected a registered class, got another; register_layer<Unregistered>(\"Unregistered\") "
        "makes it one");
    CHECK_THROWS_WITH(
        refusal({[](const Tensor& x) { return x; }, Dense(2)}),
        "describe: expected a function that has a name, got a lambda; register_function(name, f) gives it one");
    CHECK_THROWS_WITH(save_model(Model{Sequential{Dense(2)}}, file.path),
                      "save_model: expected a Sequential that is built, got one that has seen no input");
    Model model{Sequential{Dense(2)}};
    model(ones({1, 2}));
    model.compile({.loss = [](const Tensor& y, const Tensor& p) { return mean(abs(y - p)); }});
    CHECK_THROWS_WITH(save_model(model, file.path),
                      ContainsSubstring("describe: expected a registered class with settings, got "));
    CHECK(!std::filesystem::exists(file.path));
    save_model(model, file.path, {.compiled = false});
    CHECK(std::filesystem::exists(file.path));
}

TEST_CASE("a damaged or foreign file is refused with its path", "[saving]") {
    const File file("damaged.xgrad");
    Model model{Sequential{Input({2}), Dense(2)}};
    save_model(model, file.path);
    std::stringstream bytes;
    bytes << std::ifstream(file.path).rdbuf();
    const std::string whole = bytes.str();
    const auto load = [&](const std::string& contents) {
        std::ofstream(file.path, std::ios::binary) << contents;
        load_model(file.path);
    };
    for (std::size_t cut = 0; cut < whole.size(); cut += 37) CHECK_THROWS_AS(load(whole.substr(0, cut)), FileError);
    for (std::size_t at = 0; at < whole.size(); at += 11) {
        std::string other = whole;
        other[at] = char(other[at] ^ 0x10);
        try {
            load(other);
        } catch (const FileError&) {}
    }
    const auto archive = [&](const std::string& config) {
        write_zip(file.path, "test", {{"config.json", config}, {"weights.safetensors", "x"}});
        load_model(file.path);
    };
    CHECK_THROWS_AS(archive(""), FileError);
    CHECK_THROWS_AS(archive("[]"), FileError);
    CHECK_THROWS_AS(archive(model.to_json()), FileError);
    CHECK_THROWS_WITH(
        archive(R"({"format": "xgrad model", "version": 99})"),
        ContainsSubstring("expected an xgrad model of version 1 at most, got \"xgrad model\" of version 99"));
    CHECK_THROWS_WITH(model_from_json("{}"),
                      ContainsSubstring("model_from_json: expected a model's configuration, got one "
                                        "that lacks a part: "));
    CHECK_THROWS_WITH(model_from_json("nonsense"),
                      ContainsSubstring("model_from_json: expected JSON, got a parse error at line 1, column 2: "));
    CHECK_THROWS_WITH(Config::parse("3"), "Config: expected a JSON object, got 3");
    for (const char* deep : {"[", "{\"a\":"}) {
        std::string nested = "{\"a\":";
        for (int i = 0; i < 100'000; ++i) nested += deep;
        CHECK_THROWS_WITH(Config::parse(nested), "Config: expected JSON nested at most 200 deep, got more");
        CHECK_THROWS_WITH(model_from_json(nested), "model_from_json: expected JSON nested at most 200 deep, got more");
    }
    CHECK_THROWS_AS(load_model(file.path + "_none"), FileError);
}

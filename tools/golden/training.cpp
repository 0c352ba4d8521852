#include "case.h"

namespace xg::golden {

/// The whole of a training run, epoch by epoch. `earlier` are cases whose data this one may use.
void training(const json& c, Comparison& compare, const json& earlier) {
    if (c.contains("callbacks")) throw Skip{"callbacks"};
    std::shared_ptr<Module> net;
    try {
        net = make_module("Sequential", config_of({{"layers", c.at("model").at("layers")}}));
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    const auto data = [&](const char* name) -> Tensor {
        const json* from = &c.at("data");
        for (const auto& other : earlier)
            if (!from->contains(name) || !(*from)[name].is_object() || !(*from)[name].contains("data"))
                from = &other.at("data");
        const json& j = from->at(name);
        if (!j.contains("data")) throw Skip{"data named elsewhere"};
        const Tensor t = read_tensor(j);
        return j.contains("scale") ? t.to(f64) * j["scale"].get<double>() : t;
    };
    Model model(net);
    const Config optimizer = config_of(c.at("optimizer").at("config")), loss = config_of(c.at("loss").at("config"));
    model.compile({.optimizer = make<Optimizer>(c["optimizer"].at("class_name").get<std::string>().c_str(), &optimizer),
                   .loss = make<Loss>(c["loss"].at("class_name").get<std::string>().c_str(), &loss),
                   .metrics = {"accuracy"}});
    const Tensor x = data("x"), y = data("y");
    model.predict(slice(x, 0, 1));
    const auto path = [](std::string name) {
        std::ranges::replace(name, '.', '/');
        return name;
    };
    for (auto& [name, p] : model.named_parameters())
        if (c.at("initial_weights").contains(path(name))) p.assign(read_tensor(c["initial_weights"][path(name)]));
    const json& fit = c.at("fit");
    const History history = model.fit(x, y,
                                      {.epochs = fit.at("epochs"),
                                       .batch_size = fit.at("batch_size"),
                                       .validation_split = fit.value("validation_split", 0.0),
                                       .shuffle = false,
                                       .verbose = 0});
    for (auto& [name, curve] : c.at("history").items())
        for (std::size_t e = 0; e < curve.size(); ++e)
            compare(fmt::format("{} of epoch {}", name, e), history[name].at(e), number(curve[e]));
    for (auto& [name, p] : model.named_parameters())
        compare("final " + name, p, read_tensor(c.at("final_weights").at(path(name))));
    compare("total_params", double(model.module().count_parameters()), number(c.at("total_params")));
    const Tensor predictions = read_tensor(c.at("predictions_first_rows"));
    compare("predictions", slice(model.predict(x), 0, predictions.shape()[0]), predictions);
    const Logs scores = model.evaluate(x, y);
    for (auto& [name, want] : c.at("evaluate").items()) compare("evaluate " + name, scores[name], number(want));
}
}  // namespace xg::golden

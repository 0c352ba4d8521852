#include "case.h"

namespace xg::golden {

namespace {
bool given(const Json& c, const char* name) { return c.contains(name) && !c[name].is_null(); }

FitOptions options_of(const Json& c) {
    const Json &fit = c.at("fit"), &data = c.at("data");
    FitOptions options{.shuffle = false, .verbose = 0};
    for (auto& [name, setting] : fit.items())
        if (name == "epochs") options.epochs = setting.get<int>();
        else if (name == "batch_size") options.batch_size = setting.integer();
        else if (name == "validation_split") options.validation_split = setting.number();
        else if (name == "initial_epoch") options.initial_epoch = setting.get<int>();
        else throw Skip{"fit with " + name};
    if (given(data, "validation"))
        options.validation_data = {read_tensor(data["validation"].at("x")), read_tensor(data["validation"].at("y"))};
    if (given(data, "sample_weight")) options.sample_weight = read_tensor(data["sample_weight"]);
    if (given(c, "class_weight"))
        for (auto& [label, weight] : c["class_weight"].items())
            options.class_weight.emplace_back(std::stoll(label), number(weight));
    return options;
}
}  // namespace

/// The whole of a training run, epoch by epoch. `earlier` are cases whose data this one may use.
void training(const Json& c, Comparison& compare, const Json& earlier) {
    std::shared_ptr<Module> net;
    try {
        net = make_module("Sequential", Config(Json{{"layers", c.at("model").at("layers")}}));
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    const auto data = [&](const char* name) -> Tensor {
        const Json* from = &c.at("data");
        for (const auto& other : earlier)
            if (!from->contains(name) || !(*from)[name].is_object() || !(*from)[name].contains("data"))
                from = &other.at("data");
        const Json& j = from->at(name);
        if (!j.contains("data")) throw Skip{"data named elsewhere"};
        const Tensor t = read_tensor(j);
        return j.contains("scale") ? t.to(f64) * j["scale"].number() : t;
    };
    net->to(f64);
    Model model(net);
    const Config optimizer(c.at("optimizer").at("config")), loss(c.at("loss").at("config"));
    const auto metrics = [&](const char* which) {
        std::vector<Box<Metric>> named;
        if (given(c, which))
            for (auto& name : c[which]) named.emplace_back(name.string().c_str());
        return named;
    };
    model.compile({.optimizer = make<Optimizer>(c["optimizer"].at("class_name").string().c_str(), &optimizer),
                   .loss = make<Loss>(c["loss"].at("class_name").string().c_str(), &loss),
                   .metrics = metrics("metrics"),
                   .weighted_metrics = metrics("weighted_metrics")});
    const Tensor x = data("x"), y = data("y");
    model.predict(slice(x, 0, 1));
    for (auto& [name, p] : weights_named(c.at("initial_weights"), *net))
        p.assign(read_tensor(c["initial_weights"][name]));
    FitOptions options = options_of(c);
    if (given(c, "callbacks"))
        for (auto& callback : c["callbacks"])
            options.callbacks.push_back(
                make_callback(callback.at("class_name").string(), Config(callback.at("config"))));
    const auto outcome = c.value("callback_outcome", Json::object());
    std::vector<double> rates;
    options.callbacks.push_back(
        LambdaCallback({.on_epoch_begin = [&](Fit& fit) { rates.push_back(fit.model.optimizer().learning_rate()); }}));
    const History history = model.fit(x, y, options);
    if (given(c, "epochs_run")) compare("epochs", double(rates.size()), number(c["epochs_run"]));
    if (given(c, "learning_rate_at_epoch_begin"))
        for (std::size_t e = 0; e < rates.size(); ++e)
            compare(fmt::format("learning rate of epoch {}", e), rates[e],
                    number(c["learning_rate_at_epoch_begin"][e]));
    if (outcome.contains("EarlyStopping"))
        for (auto& callback : options.callbacks)
            if (const auto* stop = dynamic_cast<const EarlyStopping*>(&*callback)) {
                compare("best_epoch", stop->best_epoch(), number(outcome["EarlyStopping"].at("best_epoch")));
                // Keras says 0 where it has not stopped.
                compare("stopped_epoch", std::max(stop->stopped_epoch(), 0),
                        number(outcome["EarlyStopping"].at("stopped_epoch")));
            }
    for (auto& [name, curve] : c.at("history").items())
        for (std::size_t e = 0; e < curve.size(); ++e)
            compare(fmt::format("{} of epoch {}", name, e), history[name].at(e), number(curve[e]));
    for (auto& [name, p] : weights_named(c.at("final_weights"), *net))
        compare("final " + name, p, read_tensor(c["final_weights"][name]));
    double numbers = 0;  // Keras counts moving statistics too
    for (auto& [name, value] : model.module().state()) numbers += double(value.numel());
    compare("total_params", numbers, number(c.at("total_params")));
    const Tensor predictions = read_tensor(c.at("predictions_first_rows"));
    compare("predictions", slice(model.predict(x), 0, predictions.shape()[0]), predictions);
    const Logs scores = model.evaluate(x, y);
    for (auto& [name, want] : c.at("evaluate").items()) compare("evaluate " + name, scores[name], number(want));
}
}  // namespace xg::golden

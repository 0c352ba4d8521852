#include <cxxabi.h>
#include <cstdlib>
#include <map>
#include <typeinfo>
#include "../io/state.h"
#include "../tensor/random.h"
#include "model.h"

namespace xg {

namespace {
std::string type_of(const Callback& c) {
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(typeid(c).name(), nullptr, nullptr, nullptr),
                                                      std::free);
    const std::string full = name ? name.get() : typeid(c).name();
    const auto colon = full.rfind("::");
    return colon == std::string::npos ? full : full.substr(colon + 2);
}
/// "callbacks.EarlyStopping.0": the first of its kind.
std::vector<std::string> places(const std::vector<Callback*>& callbacks) {
    std::map<std::string, int> seen;
    std::vector<std::string> names;
    for (const Callback* c : callbacks) {
        const std::string type = type_of(*c);
        names.push_back(fmt::format("callbacks.{}.{}", type, seen[type]++));
    }
    return names;
}
State saved(auto& object) {
    State state;
    object.save(state);
    return state;
}
}  // namespace

State Fit::state(int next_epoch, std::int64_t next_batch) const {
    State whole, module, streams, metrics, optimizer;
    for (auto& [name, value] : model.module().state()) module.set(name, value.detach().copy());
    for (auto& [name, calls] : model.module().counters()) streams.set(name, *calls);
    for (auto& m : model.metrics()) metrics.set(m->name(), saved(*m));
    whole.set("model", module);
    whole.set("streams", streams);
    whole.set("metrics", metrics);
    for (auto& [name, value] : model.optimizer().state()) optimizer.set(name, value.copy());
    whole.set("optimizer", optimizer);
    const LearningRate& rate = model.optimizer().rate();
    if (rate.constant()) whole.set("learning_rate", rate.at(0));
    const RandomKey random = random_state();
    whole.set("random.seed", random.seed);
    whole.set("random.stream", random.stream);
    whole.set("fit.epoch", next_epoch);
    whole.set("fit.batch", next_batch);
    whole.set("fit.batches", batches);
    whole.set("fit.stop", stop);
    whole.set("fit.averaged", averaged);
    whole.set("fit.loss_totals", Tensor::of<double>({losses.totals.size()}, losses.totals));
    whole.set("fit.loss_rows", losses.rows);
    const auto names_of_callbacks = places(callbacks);
    for (std::size_t i = 0; i < callbacks.size(); ++i) whole.set(names_of_callbacks[i], saved(*callbacks[i]));
    return whole;
}

void Fit::restore(const State& whole) {
    const auto expect_same = [](const char* what, auto expected, auto got) {
        require<std::invalid_argument>(expected == got, "checkpoint: expected {} {} as when it was written, got {}",
                                       what, expected, got);
    };
    const auto batches_before = whole.integer("fit.batches");  // -1: not known then
    if (batches >= 0 && batches_before >= 0) expect_same("batches an epoch:", batches_before, batches);
    auto values = model.module().state();
    const State kept = whole.below("model"), streams = whole.below("streams"), metrics = whole.below("metrics");
    expect_same("parameters and buffers:", kept.tensors().size(), values.size());
    for (auto& [name, value] : values) {
        require<std::invalid_argument>(kept.contains(name), "checkpoint: expected a model without {}, got one with it",
                                       name);
        expect_same(name.c_str(), kept.tensor(name).shape(), value.shape());
    }
    for (auto& [name, value] : values) value.assign(kept.tensor(name), "checkpoint");
    for (auto& [name, calls] : model.module().counters())
        if (streams.contains(name)) *calls = std::uint64_t(streams.integer(name));
    for (auto& m : model.metrics())
        if (const State own = metrics.below(m->name()); !own.empty()) m->load(own);
    const State optimizer = whole.below("optimizer");
    model.optimizer().set_state({optimizer.tensors().begin(), optimizer.tensors().end()});
    if (model.optimizer().rate().constant() && whole.contains("learning_rate"))
        model.optimizer().set_learning_rate(whole.number("learning_rate"));
    set_random_state({std::uint64_t(whole.integer("random.seed")), std::uint64_t(whole.integer("random.stream"))});
    const auto totals = whole.tensor("fit.loss_totals");
    losses = {{totals.data<double>().begin(), totals.data<double>().end()}, whole.number("fit.loss_rows")};
    stop = whole.integer("fit.stop"), averaged = whole.integer("fit.averaged");
    const auto names_of_callbacks = places(callbacks);
    for (std::size_t i = 0; i < callbacks.size(); ++i) {
        const State own = whole.below(names_of_callbacks[i]);
        if (!own.empty()) callbacks[i]->load(own);
        else if (!saved(*callbacks[i]).empty())
            fmt::print(stderr, "checkpoint: holds nothing of {}, which starts afresh\n", type_of(*callbacks[i]));
    }
}

}  // namespace xg

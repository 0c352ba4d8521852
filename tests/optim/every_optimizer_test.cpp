// What holds for every optimizer, one row each.
#include <functional>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Row {
    std::string name;
    Json config = Json::object();
};
/// Every rule, and every branch of one.
const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"Adadelta", {{"learning_rate", 1.0}}},
        {"Adafactor", {{"learning_rate", 0.05}}},
        {"Adagrad", {{"learning_rate", 0.1}}},
        {"Adam", {{"learning_rate", 0.1}, {"amsgrad", true}}},
        {"AdamW", {{"learning_rate", 0.1}}},
        {"Adamax", {{"learning_rate", 0.1}}},
        {"ASGD", {{"learning_rate", 0.1}}},
        {"Ftrl", {{"learning_rate", 0.1}, {"l1_regularization_strength", 1e-3}}},
        {"Ftrl", {{"learning_rate", 0.1}, {"learning_rate_power", -0.4}}},
        {"Lamb", {{"learning_rate", 0.01}}},
        {"Lion", {{"learning_rate", 0.01}}},
        {"Muon", {{"learning_rate", 0.05}}},
        {"Nadam", {{"learning_rate", 0.1}}},
        {"RAdam", {{"learning_rate", 0.1}}},
        {"RMSprop", {{"learning_rate", 0.01}, {"momentum", 0.5}, {"centered", true}}},
        {"RMSprop", {{"learning_rate", 0.01}, {"convention", "torch"}}},
        {"Rprop", {{"learning_rate", 0.01}}},
        {"ScheduleFreeAdamW", {{"learning_rate", 0.1}, {"warmup_steps", 3}}},
        {"ScheduleFreeAdamW", {{"learning_rate", 0.1}, {"convention", "torch"}}},
        {"SGD", {{"learning_rate", 0.05}, {"momentum", 0.9}, {"nesterov", true}}},
        {"SGD", {{"learning_rate", 0.05}, {"weight_decay", 0.01}, {"use_ema", true}}},
        {"SGD", {{"learning_rate", 0.05}, {"momentum", 0.9}, {"gradient_accumulation_steps", 2}}},
        {"Adam", {{"learning_rate", 0.05}, {"global_clipnorm", 0.5}, {"convention", "torch"}, {"weight_decay", 0.01}}},
    };
    return all;
}
Box<Optimizer> optimizer_of(const Row& row) {
    const Config config{row.config};
    return make<Optimizer>(row.name.c_str(), &config);
}
/// A bowl with its lowest point at 1; parameters of awkward sizes.
struct Bowl {
    explicit Bowl(DType dtype = f64)
        : w{(uniform(RandomKey{1, 0}, {5, 3}, -1, 1, f64)).to(dtype).require_grad(),
            (uniform(RandomKey{2, 0}, {17}, -1, 1, f64)).to(dtype).require_grad(),
            (uniform(RandomKey{3, 0}, {2, 2, 3}, -1, 1, f64)).to(dtype).require_grad()} {}
    Tensor cost() const {
        Tensor c = sum(square(w[0] - 1));
        for (std::size_t i = 1; i < w.size(); ++i) c = c + sum(square(w[i] - 1)) * double(i + 1);
        return c;
    }
    void run(Optimizer& optimizer, int steps) const {
        for (int t = 0; t < steps; ++t) optimizer.minimize(cost(), w);
    }
    std::vector<Tensor> w;
};
bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!all(a[i] == b[i]).item<bool>()) return false;
    return true;
}
}  // namespace

TEST_CASE("every optimizer goes down", "[optim]") {
    for (const Row& row : rows()) {
        INFO(row.name << " " << row.config.dump());
        for (DType dtype : {f64, f32}) {
            const Bowl bowl(dtype);
            const double before = bowl.cost().item();
            const auto optimizer = optimizer_of(row);
            bowl.run(*optimizer, 60);
            CHECK(bowl.cost().item() < 0.9 * before);
        }
    }
}

TEST_CASE("float32 goes where float64 goes", "[optim]") {
    for (const Row& row : rows()) {
        INFO(row.name << " " << row.config.dump());
        const Bowl wide(f64), narrow(f32);
        const auto a = optimizer_of(row), b = optimizer_of(row);
        wide.run(*a, 10);
        narrow.run(*b, 10);
        for (std::size_t i = 0; i < wide.w.size(); ++i) CHECK(max(abs(wide.w[i] - narrow.w[i].to(f64))).item() < 2e-4);
    }
}

TEST_CASE("every optimizer is made again from its configuration", "[optim]") {
    for (const Row& row : rows()) {
        INFO(row.name << " " << row.config.dump());
        const auto first = optimizer_of(row);
        first->exclude_from_weight_decay("bias");
        Config config;
        first->describe(config);
        for (auto& [key, setting] : row.config.items()) CHECK(config.json().at(key) == setting);
        const auto second = make<Optimizer>(row.name.c_str(), &config);
        CHECK(second->groups().size() == 1);
        Config again;
        second->describe(again);
        CHECK(config.json() == again.json());
    }
}

TEST_CASE("every optimizer goes on from its state as if it had not stopped", "[optim]") {
    for (const Row& row : rows()) {
        INFO(row.name << " " << row.config.dump());
        const Bowl whole, first, second;
        const auto a = optimizer_of(row), b = optimizer_of(row), late = optimizer_of(row), bound = optimizer_of(row);
        whole.run(*a, 7);
        first.run(*b, 3);
        std::vector<std::pair<std::string, Tensor>> state;
        for (auto& [name, value] : b->state()) state.emplace_back(name, value.copy());
        std::vector<Tensor> weights;
        for (auto& w : first.w) weights.push_back(w.detach().copy());

        first.run(*b, 1);
        for (std::size_t i = 0; i < weights.size(); ++i) Tensor(first.w[i]).assign(weights[i]);
        b->set_state(state);  // back again
        first.run(*b, 4);
        CHECK(same(whole.w, first.w));

        for (std::size_t i = 0; i < weights.size(); ++i) Tensor(second.w[i]).assign(weights[i]);
        late->set_state(state);  // before the first step
        CHECK(late->steps() == std::int64_t(state[1].second.item()));
        second.run(*late, 4);
        CHECK(same(whole.w, second.w));
    }
}

TEST_CASE("the number of threads changes no bit", "[optim]") {
    const Tensor start = uniform(RandomKey{7, 0}, {300, 1000}, -1, 1);
    for (const Row& row : rows()) {
        if (row.name == "Muon") continue;  // its products are the matrix library's
        INFO(row.name << " " << row.config.dump());
        std::vector<Tensor> ends;
        for (int threads : {1, 2, 3}) {
            set_num_threads(threads);
            const Tensor w = start.copy().require_grad(), b = ones({7}).require_grad();
            const auto optimizer = optimizer_of(row);
            for (int t = 0; t < 2; ++t) optimizer->minimize(sum(square(w)) * 1e-3 + sum(b), {w, b});
            ends.push_back(w.detach().copy());
        }
        set_num_threads(0);
        CHECK(same({ends[0], ends[0]}, {ends[1], ends[2]}));
    }
}

TEST_CASE("LBFGS finds the bottom of Rosenbrock's valley", "[optim]") {
    const Tensor x = tensor<double>({-1.2, 1.0}).require_grad();
    LBFGS lbfgs({.max_iter = 100});
    const auto cost = [&] { return sum(square(x(1) - square(x(0))) * 100 + square(1 - x(0))); };
    CHECK(lbfgs.minimize(cost, {x}).item() == Approx(24.2));
    CHECK(x(0).item() == Approx(1).margin(1e-4));
    CHECK(x(1).item() == Approx(1).margin(1e-4));
    CHECK_FALSE(x.grad().defined());
    CHECK(lbfgs.steps() == 1);
    // What was learned about other parameters is forgotten.
    const Tensor y = tensor<double>({3.0}).require_grad();
    lbfgs.minimize([&] { return sum(square(y)); }, {y});
    CHECK(y(0).item() == Approx(0).margin(1e-6));
}

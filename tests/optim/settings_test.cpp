#include <functional>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("optimizers and schedules say what they expect", "[optim]") {
    struct Row {
        std::function<void()> act;
        const char* text;
    };
    const Tensor w = ones({2}).require_grad(), m = ones({2, 2}).require_grad();
    const auto step = [&](Optimizer&& o) { o.minimize(sum(w), {w}); };
    const std::vector<Row> rows{
        {[] { SGD({.dampening = 0.5}); },
         "SGD: expected dampening 0, but in PyTorch's convention without nesterov, got 0.5"},
        {[] { Adagrad({.initial_accumulator_value = -1}); },
         "Adagrad: expected initial_accumulator_value >= 0, got -1"},
        {[] { Ftrl({.learning_rate_power = 1}); }, "Ftrl: expected learning_rate_power <= 0, got 1"},
        {[] { Ftrl({.initial_accumulator_value = -1}); }, "Ftrl: expected initial_accumulator_value >= 0, got -1"},
        {[] { Ftrl({.l1_regularization_strength = -1}); }, "Ftrl: expected l1_regularization_strength >= 0, got -1"},
        {[] { Lion({.beta_1 = 0}); }, "Lion: expected 0 < beta_1 <= 1, got 0"},
        {[] { Muon({.ns_steps = -1}); }, "Muon: expected ns_steps >= 0, got -1"},
        {[] { ScheduleFreeAdamW({.beta_1 = 0}); }, "ScheduleFreeAdamW: expected 0 < beta_1 <= 1, got 0"},
        {[] { ScheduleFreeAdamW({.warmup_steps = -1}); }, "ScheduleFreeAdamW: expected warmup_steps >= 0, got -1"},
        {[] { Rprop({.eta_plus = 1}); }, "Rprop: expected 0 < eta_minus < 1 < eta_plus, got 0.5 and 1"},
        {[] { Rprop({.least_step = 2, .largest_step = 1}); },
         "Rprop: expected 0 < least_step <= largest_step, got 2 and 1"},
        {[] { LBFGS({.max_iter = 0}); },
         "LBFGS: expected max_iter > 0, max_eval >= 0 and history_size > 0, got 0, 0 and 100"},
        {[] { LBFGS({.line_search = "armijo"}); }, "LBFGS: expected line_search strong_wolfe or none, got armijo"},
        {[&] { step(LBFGS()); },
         "LBFGS: expected minimize([&] { return cost; }, parameters), as it evaluates the cost several times, got a "
         "step"},
        {[] { LBFGS().minimize([] { return Tensor(); }, std::vector<Tensor>{}); },
         "LBFGS: expected parameters, got none"},
        {[] {
             const Tensor x = ones({2}).require_grad();
             constrain(x, [](const Tensor& v) { return v; });
             LBFGS().minimize([&] { return sum(x); }, {x});
         },
         "LBFGS: expected parameters without constraints, got one of shape (2,) with"},
        {[&] {
             SGD sgd;
             sgd.exclude_from_weight_decay("bias", "gamma");
             step(std::move(sgd));
         },
         "Optimizer: expected a module to step, as a group names its parameters by \"bias\", got a list of tensors"},
        {[&] {
             Muon muon({.exclude_layers = {"head"}});
             muon.minimize(sum(m), {m});
         },
         "Muon: expected a module to step, as exclude_layers go by name, got a list of tensors"},
        {[] {
             Dense layer(1);
             layer(ones({1, 1}));
             SGD sgd;
             sgd.exclude_from_weight_decay("biass");
             sgd.minimize(sum(layer(ones({1, 1}))), layer);
         },
         "Optimizer: expected a group to name parameters, got \"biass\", which none of kernel, bias contains"},
        {[] { SGD().swap_average(); }, "swap_average: expected an optimizer with use_ema that has made a step"},
        {[] { Box<Optimizer>("adem"); },
         "optimizer: expected one of Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, ASGD, Ftrl, Lamb, LBFGS, Lion, "
         "Muon, Nadam, RAdam, RMSprop, Rprop, ScheduleFreeAdamW, SGD, got \"adem\""},
        {[] {
             const Config config(Json{{"convention", "jax"}});
             make<Optimizer>("Adam", &config);
         },
         "convention: expected keras or torch, got \"jax\""},
        {[] {
             Config config;
             SGD({.learning_rate = [](std::int64_t) { return 0.1; }}).describe(config);
         },
         "describe: expected a learning rate that is a number or a schedule, got a function"},
        {[&] {
             SGD sgd;
             sgd.exclude_from_weight_decay({w});
             Config config;
             sgd.describe(config);
         },
         "describe: expected groups that name their parameters, got one that lists 1 tensors"},
        {[] { Warmup({.steps = -1}); }, "Warmup: expected steps >= 0, got -1"},
        {[] { JoinedSchedules({.schedules = {0.1}, .boundaries = {5}}); },
         "JoinedSchedules: expected one schedule more than boundaries, got 1 and 1"},
        {[] {
             JoinedSchedules({.schedules = {0.1, 0.2, 0.3}, .boundaries = {5, 2}});
         },
         "JoinedSchedules: expected rising boundaries, got others"},
    };
    for (const Row& row : rows) CHECK_THROWS_WITH(row.act(), row.text);
}

TEST_CASE("a state that does not fit is refused and changes nothing", "[optim]") {
    const Tensor w = ones({2}).require_grad();
    Adam adam;
    adam.minimize(sum(w), {w});
    using State = std::vector<std::pair<std::string, Tensor>>;
    const State good = adam.state();
    const auto changed = [&](const std::function<void(State&)>& change) {
        State state = good;
        change(state);
        return state;
    };
    const auto at = [](State& s, const std::string& name) -> Tensor& {
        return std::ranges::find(s, name, &State::value_type::first)->second;
    };
    struct Row {
        std::function<void(State&)> change;
        const char* text;
    };
    const std::vector<Row> rows{
        {[](State& s) { s.erase(s.begin()); }, "set_state: expected \"calls\", got none"},
        {[&](State& s) { at(s, "steps") = ones({2}); }, "set_state: expected steps to be one number, got shape (2,)"},
        {[&](State& s) { at(s, "steps") = full({}, 5, f64); },
         "set_state: expected counts with 0 <= steps <= calls, got 5 and 1"},
        {[](State& s) { s.pop_back(); }, "set_state: expected \"velocity.0\", got none"},
        {[&](State& s) { at(s, "momentum.0") = ones({3}); }, "set_state: expected momentum.0 of shape (2,), got (3,)"},
        {[&](State& s) { at(s, "momentum.0") = ones({2}, f64); },
         "set_state: expected momentum.0 of dtype float32, got float64"},
        {[](State& s) { s.emplace_back("velocity.1", ones({2})); },
         "set_state: expected slots of 1 parameters, got \"velocity.1\""},
    };
    const Tensor before = adam.slots()[0].values[0].copy();
    for (const Row& row : rows) {
        CHECK_THROWS_WITH(adam.set_state(changed(row.change)), row.text);
        CHECK(adam.steps() == 1);
        CHECK(all(adam.slots()[0].values[0] == before).item<bool>());
    }
    // Given before the parameters are known, it is refused when they are, at every step.
    Adam late;
    late.set_state(changed(rows[4].change));
    w.grad();
    sum(w).backward();
    for (int k = 0; k < 2; ++k) CHECK_THROWS_WITH(late.step({w}), rows[4].text);
}

TEST_CASE("groups have rates and decays of their own, by name or listed", "[optim]") {
    Sequential net{Input({2}), Dense(2, {.kernel_initializer = Ones(), .bias_initializer = Ones()}),
                   Dense(1, {.kernel_initializer = Ones(), .bias_initializer = Ones()})};
    const auto parameters = net.parameters();
    SGD sgd({.learning_rate = 0.1, .weight_decay = 0.5});
    sgd.exclude_from_weight_decay("bias");
    sgd.add_group(
        {.names = {"1."}, .learning_rate = ExponentialDecay({.initial_learning_rate = 0.2, .decay_rate = 0.5})});
    sgd.add_group({.parameters = {parameters[0]}, .weight_decay = 0.25});
    const auto step = [&] {
        Tensor cost = sum(parameters[0]);
        for (std::size_t i = 1; i < 4; ++i) cost = cost + sum(parameters[i]);
        sgd.minimize(cost, net);
    };
    step();
    const auto first = [&](std::size_t i) { return double(parameters[i].raw<float>()[0]); };
    CHECK(first(0) == Approx(1 - 0.1 * 0.25 - 0.1));
    CHECK(first(1) == Approx(1 - 0.1));
    CHECK(first(2) == Approx(1 - 0.2 * 0.5 - 0.2));
    CHECK(first(3) == Approx(1 - 0.2));
    sgd.scale_learning_rate(0.5);  // of every group
    step();
    CHECK(first(1) == Approx(0.9 - 0.05));
    CHECK(first(3) == Approx(0.8 - 0.2 * 0.5 * 0.5));
    // A copy has them too.
    SGD copy = sgd;
    net.parameters()[1].mutable_data<float>()[0] = 1;
    Tensor cost = sum(parameters[1]);
    copy.minimize(cost, net);
    CHECK(first(1) == Approx(0.9));
}

TEST_CASE("a refused set of parameters leaves the optimizer as it was", "[optim]") {
    Sequential net{Input({2}), {"head", Dense(2)}, {"other", Dense(2)}};
    Muon muon({.exclude_layers = {"head"}});
    const auto cost = [&] { return sum(square(net(ones({3, 2})))); };
    muon.minimize(cost(), net);
    const auto kept = [&] { return muon.slots()[1].values[0].copy(); };  // Adam's, of the head
    const Tensor before = kept();
    const Tensor w = ones({2, 2}).require_grad();
    sum(w).backward();
    for (int k = 0; k < 2; ++k)
        CHECK_THROWS_WITH(muon.step({w}),
                          "Muon: expected a module to step, as exclude_layers go by name, got a list of tensors");
    CHECK(before.shape() == Shape{2, 2});
    CHECK(all(kept() == before).item<bool>());
    muon.minimize(cost(), net);
    CHECK(muon.steps() == 2);
}

TEST_CASE("names become known when a module is stepped after its list", "[optim]") {
    Dense layer(1, {.kernel_initializer = Ones(), .bias_initializer = Ones()});
    layer(ones({1, 1}));
    SGD sgd({.learning_rate = 0.1, .momentum = 0.5, .weight_decay = 0.5});
    const auto cost = [&] { return sum(layer(ones({1, 1}))); };
    sgd.minimize(cost(), layer.parameters());
    sgd.exclude_from_weight_decay("bias");
    sgd.minimize(cost(), layer);
    const auto after = [](double decay) { return (1 - 0.1 * 0.5 - 0.1) * (1 - 0.1 * decay) - 0.15; };
    CHECK(layer.parameters()[0].item() == Approx(after(0.5)));
    CHECK(layer.parameters()[1].item() == Approx(after(0)));
}

TEST_CASE("the average and the weights change places", "[optim]") {
    const Tensor w = ones({1}, f64).require_grad();
    SGD sgd({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5});
    sgd.minimize(sum(w), {w});
    sgd.minimize(sum(w), {w});
    CHECK(w(0).item() == Approx(-1));
    sgd.swap_average();
    CHECK(w(0).item() == Approx(-0.5));
    sgd.swap_average();
    CHECK(w(0).item() == Approx(-1));
    sgd.use_average();
    CHECK(w(0).item() == Approx(-0.5));
}

TEST_CASE("a loss scale cancels in minimize", "[optim]") {
    const Tensor a = ones({3}, f64).require_grad(), b = ones({3}, f64).require_grad();
    SGD plain({.learning_rate = 0.1}), scaled({.learning_rate = 0.1, .loss_scale_factor = 1024});
    plain.minimize(sum(square(a)), {a});
    scaled.minimize(sum(square(b)), {b});
    CHECK(all(a == b).item<bool>());
}

TEST_CASE("gradient accumulation keeps what came in before the last call", "[optim]") {
    const Tensor a = ones({1}, f64).require_grad(), b = ones({1}, f64).require_grad();
    SGD sgd({.learning_rate = 1, .gradient_accumulation_steps = 2});
    sgd.minimize(sum(a) + sum(b), {a, b});
    sgd.minimize(sum(a), {a, b});  // b has no gradient this time, but half of one waits
    CHECK(a(0).item() == Approx(0));
    CHECK(b(0).item() == Approx(0.5));
}

TEST_CASE("schedules join: warm-up, then decay, times a factor", "[optim]") {
    const Warmup warm({.steps = 4, .then = CosineDecay({.initial_learning_rate = 0.8, .decay_steps = 10})});
    CHECK(warm(0) == Approx(0));
    CHECK(warm(3) == Approx(0.6));
    CHECK(warm(4) == Approx(0.8));
    CHECK(warm(9) == Approx(0.4));
    const JoinedSchedules joined({.schedules = {0.1, warm, 0.01}, .boundaries = {5, 19}});
    CHECK(joined(4) == Approx(0.1));
    CHECK(joined(5) == Approx(0));
    CHECK(joined(9) == Approx(0.8));
    CHECK(joined(14) == Approx(0.4));
    CHECK(joined(19) == Approx(0.01));
    SGD sgd({.learning_rate = joined});
    sgd.scale_learning_rate(0.5);
    CHECK(sgd.learning_rate() == Approx(0.05));
    Config config;
    sgd.describe(config);
    const auto again = make<Optimizer>("SGD", &config);
    for (std::int64_t t : {0, 5, 9, 14, 19}) CHECK(again->rate().at(t) == Approx(joined(t)));
}

// W1 to W4: training steps of small networks.
#include "mlp.h"
#include <map>
#include <cmath>
#include <memory>
#include "data.h"
using namespace xg;

namespace bench {

const Mlp& mlp(const std::string& workload) {
    static const std::map<std::string, Mlp> all{{"W1", {{4, 64, 64, 2}, 32, false}},
                                                {"W2", {{17, 256, 256, 6}, 256, false}},
                                                {"W3", {{784, 256, 128, 10}, 64}},
                                                {"W4", {{784, 128, 10}, 32, true, 0.2}}};
    return all.at(workload);
}

Sequential Mlp::net(double dropout_rate) const {
    Sequential s{Input({sizes[0]})};
    for (std::size_t i = 1; i < sizes.size(); ++i) {
        const bool last = i + 1 == sizes.size();
        s.add(last ? Dense(sizes[i]) : Dense(sizes[i], relu));
        if (!last && dropout_rate > 0) s.add(Dropout(dropout_rate));
    }
    s(zeros({1, sizes[0]}));
    return s;
}
std::vector<Dataset> Mlp::data() const {
    return classifies ? classified(batch, sizes.front(), sizes.back()) : fitted(batch, sizes.front(), sizes.back());
}
HandWrittenMlp Mlp::by_hand(double dropout_rate) const {
    HandWrittenMlp hand(sizes, batch, classifies ? HandWrittenMlp::Loss::cross_entropy : HandWrittenMlp::Loss::squares,
                        float(dropout_rate));
    std::size_t i = 0;
    for (auto& [name, value] : net(0).named_parameters())
        if (value.rank() == 2) std::copy_n(value.raw<float>(), value.numel(), hand.kernel(i++));
    return hand;
}
/// Two a multiply-add; the first layer needs no gradient of its input.
double Mlp::flops() const {
    double total = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
        total += (i ? 6.0 : 4.0) * double(batch) * double(sizes[i]) * double(sizes[i + 1]);
    return total;
}

Work training(std::shared_ptr<Module> net, std::vector<Dataset> data, Box<Loss> loss) {
    struct State {
        std::shared_ptr<Module> net;
        std::vector<Dataset> data;
        Box<Loss> loss;
        Adam adam = Adam({.learning_rate = 1e-3});
        std::size_t at = 0;
    };
    const auto s = std::make_shared<State>(State{std::move(net), std::move(data), std::move(loss)});
    return {[s](int steps) {
                const Training mode;
                for (int i = 0; i < steps; ++i) {
                    const auto& [x, y] = s->data[s->at++ % s->data.size()];
                    s->adam.minimize((*s->loss)(y, (*s->net)(x)), s->net->parameters());
                }
            },
            [s] {
                const NoGrad unrecorded;
                double total = 0;
                for (auto& [x, y] : s->data) total += (*s->loss)(y, (*s->net)(x)).item();
                return total / double(s->data.size());
            }};
}

namespace {
Box<Loss> loss_of(const Mlp& m) {
    if (m.classifies) return SparseCategoricalCrossentropy({.from_logits = true});
    return MeanSquaredError();
}
const void* raw(const Tensor& targets) { return targets.impl()->data; }

Work by_hand(const Mlp& m) {
    struct State {
        HandWrittenMlp hand;
        std::vector<Dataset> data;
        std::size_t at = 0;
    };
    const auto s = std::make_shared<State>(State{m.by_hand(m.dropout), m.data()});
    return {[s](int steps) {
        for (int i = 0; i < steps; ++i) {
            const auto& [x, y] = s->data[s->at++ % s->data.size()];
            s->hand.step(x.raw<float>(), raw(y));
        }
    }};
}
/// After five steps from the same weights, without dropout: of the losses.
double difference(const Mlp& m) {
    Sequential net = m.net(0);
    HandWrittenMlp hand = m.by_hand(0);
    std::size_t i = 0, j = 0;
    for (auto& [name, value] : net.named_parameters())
        if (value.rank() == 2) std::copy_n(hand.kernel(i), value.numel(), value.raw<float>()), ++i;
        else std::copy_n(hand.bias(j), value.numel(), value.raw<float>()), ++j;
    Adam adam({.learning_rate = 1e-3});
    double worst = 0;
    const auto data = m.data();
    for (int k = 0; k < 5; ++k) {
        const auto& [x, y] = data[std::size_t(k)];
        const Tensor loss = (*loss_of(m))(y, net(x));
        const double ours = loss.item(), theirs = hand.step(x.raw<float>(), raw(y));
        worst = std::max(worst, std::abs(ours - theirs) / std::abs(theirs));
        adam.minimize(loss, net.parameters());
    }
    return worst;
}
Case training_case(const char* workload) {
    const Mlp& m = mlp(workload);
    return {.workload = workload,
            .flops = m.flops(),
            .make = [&m] { return training(std::make_shared<Sequential>(m.net()), m.data(), loss_of(m)); },
            .bound = [&m] { return by_hand(m); },
            .difference = [&m] { return difference(m); }};
}
/// What looking for NaN and infinity costs: the bound is the same step without.
Case watched(const char* workload) {
    const Mlp& m = mlp(workload);
    const auto step = [&m] { return training(std::make_shared<Sequential>(m.net()), m.data(), loss_of(m)); };
    return {.workload = workload,
            .metric = "step under Anomaly",
            .make =
                [step] {
                    return Work{[run = step().run](int steps) {
                        const Anomaly guard;
                        run(steps);
                    }};
                },
            .bound = step};
}
const Register w1(training_case("W1")), w2(training_case("W2")), w3(training_case("W3")), w4(training_case("W4")),
    w1_watched(watched("W1")), w3_watched(watched("W3"));
}  // namespace

}  // namespace bench

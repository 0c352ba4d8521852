// A graph of layers: two inputs through one shared tower, a residual, and two outputs with a loss each.
#include <xgrad.h>
#include <cstdio>
using namespace xg;

int main() {
    // Pairs of digits: do they show the same one, and how far are they apart?
    auto [train, test] = data::digits();
    const auto pairs = [](const Dataset& d, std::uint64_t seed) {
        // Half of the pairs are drawn from all, half from the same class.
        const auto n = d.size();
        const Tensor other = permutation(RandomKey{seed, 0}, n).copy();
        std::vector<std::int64_t> last(10, -1);
        for (std::int64_t i = 0; i < n; ++i) {
            auto& twin = last[std::size_t(d.y.raw<std::int64_t>()[i])];
            if (i % 2 == 0 && twin >= 0) other(i) = twin;
            twin = i;
        }
        const Tensor y = take(d.y, other);
        return std::pair{Tensors{d.x, take(d.x, other)},
                         Tensors{expand_dims((d.y == y).to(f32), -1), expand_dims(abs(d.y - y).to(f32), -1)}};
    };
    const auto [x, y] = pairs(train, 1);
    const auto [test_x, test_y] = pairs(test, 2);

    set_seed(2);
    Input left({64}), right({64});
    auto tower = share(Sequential{Dense(128, relu), Dense(64, relu)});  // one set of weights, called twice
    const Symbol a = left | tower, b = right | tower;
    Symbol h = concatenate({abs(a - b), a * b});
    h = h | Dense(64, relu) | Dropout(0.2);
    h = relu(h + Dense(64)(h));  // a residual
    Model model({left, right}, {{"same", h | Dense(1, sigmoid)}, {"distance", h | Dense(1)}});
    model.compile({.optimizer = Adam({.learning_rate = 2e-3}),
                   .losses = {BinaryCrossentropy(), MeanSquaredError()},
                   .loss_weights = {1.0, 0.05},
                   .output_metrics = {{"accuracy"}, {"mae"}}});
    model.summary();
    const History history = model.fit(x, y, {.epochs = 25, .verbose = 0});
    const Logs scores = model.evaluate(test_x, test_y);
    for (auto& [name, value] : scores) std::printf("%s %.4f\n", name.c_str(), value);

    const Tensors out = model.predict_all(test_x);
    std::printf("the first test pair: the same with probability %.2f, %.1f apart\n", out[0](0, 0).item(),
                out[1](0, 0).item());
    const Model again = model_from_json(model.to_json());
    std::printf("from its JSON: %lld parameters, as before\n",
                static_cast<long long>(again.module().count_parameters()));
    return scores["same_accuracy"] > 0.9 && again.module().count_parameters() == model.module().count_parameters() ? 0
                                                                                                                   : 1;
}

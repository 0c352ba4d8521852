// Tables of numbers: the wines and the diabetes patients, each column brought to mean 0 and variance 1 by a
// Normalization layer inside the model, so that the model takes the numbers as they were measured.
#include <xgrad.h>
#include <cmath>
#include <cstdio>
using namespace xg;

int main() {
    bool good = true;
    {
        auto [train, test] = data::wine();
        set_seed(1);
        Normalization normalization;
        normalization.adapt(train.x);
        Model model{Sequential{std::move(normalization), Dense(32, relu), Dropout(0.2), Dense(3)}};
        model.compile({.optimizer = Adam({.learning_rate = 5e-3}),
                       .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                       .metrics = {"accuracy"}});
        model.fit(train.x, train.y, {.epochs = 40, .batch_size = 16, .verbose = 0});
        const Logs scores = model.evaluate(test.x, test.y);
        std::printf("wine: %lld of %lld test bottles are given their cultivar (%.1f %%), loss %.3f\n",
                    std::llround(scores["accuracy"] * double(test.size())), static_cast<long long>(test.size()),
                    100 * scores["accuracy"], scores["loss"]);
        good &= scores["accuracy"] >= 0.94;
    }
    {
        auto [train, test] = data::diabetes();
        set_seed(1);
        Normalization columns, targets;
        columns.adapt(train.x);
        targets.adapt(train.y);
        Normalization back({.invert = true});
        back.adapt(train.y);
        // The last layer gives the disease's progression in its own unit.
        Model model{Sequential{std::move(columns), Dense(32, relu), Dropout(0.3), Dense(1), std::move(back)}};
        model.compile(
            {.optimizer = Adam({.learning_rate = 2e-3, .weight_decay = 1e-3}), .loss = "mse", .metrics = {"mae"}});
        model.fit(train.x, train.y, {.epochs = 60, .verbose = 0});
        const Logs scores = model.evaluate(test.x, test.y);
        const double spread = mean(square(test.y - mean(train.y))).item(), explained = 1 - scores["loss"] / spread;
        std::printf("diabetes: mean absolute error %.1f, mean squared error %.0f; the mean alone has %.0f: R2 = %.3f\n",
                    scores["mae"], scores["loss"], spread, explained);
        good &= explained > 0.35;
        save_model(model, "diabetes.xgrad");
        Model again = load_model("diabetes.xgrad");
        std::printf("saved and loaded: %s\n",
                    array_equal(again.predict(test.x), model.predict(test.x)) ? "the same predictions" : "others");
        std::remove("diabetes.xgrad");
    }
    return good ? 0 : 1;
}

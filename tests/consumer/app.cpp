// A project of someone else's: finds the installed library and trains with it.
#include <xgrad.h>
using namespace xg;

int main() {
    auto [train, test] = standardise(data::iris());
    Model model{Sequential{Dense(8, tanh), Dense(3)}};
    model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    model.fit(train.x, train.y, {.epochs = 100, .verbose = 0});
    return model.evaluate(test.x, test.y)["accuracy"] > 0.8 ? 0 : 1;
}

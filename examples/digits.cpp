// Trains a network on handwritten digits: watch it, stop early, keep it.
#include <xgrad.h>
using namespace xg;

int main() {
    auto [train, test] = data::digits();     // embedded: 1797 real 8x8 digits, no download
    Model model{Sequential{Dense(64, relu),  // built at the first shape it sees
                           Dropout(0.2), Dense(10)}};
    model.compile({.optimizer = Adam({.learning_rate = 3e-3}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {SparseCategoricalAccuracy()}});
    History history =
        model.fit(train.x, train.y,
                  {.epochs = 50,
                   .batch_size = 32,
                   .validation_split = 0.1,
                   .callbacks = {EarlyStopping({.monitor = "val_loss", .patience = 5, .restore_best_weights = true}),
                                 TensorBoard("logs"), CSVLogger("history.csv")}});
    auto scores = model.evaluate(test.x, test.y);  // named: scores["loss"], scores["sparse_categorical_accuracy"]
    Tensor logits = model.predict(test.x);
    model.summary();
    save_weights(model, "digits.safetensors");
    history.save_svg("curves.svg");  // the learning curves as a picture

    fmt::print("\nTest accuracy: {:.2f} % of {} digits never seen in training (loss {:.4f})\n",
               100 * scores["sparse_categorical_accuracy"], logits.shape()[0], scores["loss"]);
    fmt::print(
        "The weights:         digits.safetensors   load_weights(model, \"digits.safetensors\") brings them back\n");
    fmt::print("The learning curves: curves.svg           open it in a browser\n");
    fmt::print("Every epoch:         history.csv          a line each, for any spreadsheet\n");
    fmt::print("TensorBoard:         logs/                pip install tensorboard && tensorboard --logdir logs\n");
    return scores["sparse_categorical_accuracy"] >= 0.97 ? 0 : 1;
}

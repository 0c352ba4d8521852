// Training that survives any crash: resume --dir D --steps N trains N batches with a checkpoint after every one, goes
// on from what it finds in D, and prints a hash of the final weights. However often it is killed on the way, the hash
// is the same.
#include <xgrad.h>
#include <cstdlib>
#include <cstring>
using namespace xg;

namespace {
/// FNV-1a, 64 bits.
std::uint64_t hash(const std::vector<Tensor>& weights) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const Tensor& w : weights)
        for (const float value : w.data<float>()) {
            std::uint32_t bits;
            std::memcpy(&bits, &value, sizeof bits);
            h = (h ^ bits) * 0x100000001b3u;
        }
    return h;
}
}  // namespace

int main(int count, char** arguments) {
    std::string folder;
    std::int64_t steps = 0;
    for (int i = 1; i + 1 < count; i += 2) {
        if (std::string(arguments[i]) == "--dir") folder = arguments[i + 1];
        else if (std::string(arguments[i]) == "--steps") steps = std::atoll(arguments[i + 1]);
    }
    if (folder.empty() || steps <= 0) {
        fmt::print(stderr, "resume: expected --dir D --steps N, N > 0\n");
        return 2;
    }
    set_seed(1);
    auto [train, test] = data::digits();
    Model model{Sequential{Dense(32, relu), Dropout(0.2), Dropout({.rate = 0.1, .seed = 5}), Dense(10)}};
    model.compile({.optimizer = Adam(
                       {.learning_rate = CosineDecay({.initial_learning_rate = 3e-3, .decay_steps = double(steps)})}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    constexpr std::int64_t batch_size = 32;
    const auto batches = (train.size() + batch_size - 1) / batch_size;
    History history = model.fit(
        train.x, train.y,
        {.epochs = int((steps + batches - 1) / batches),
         .batch_size = batch_size,
         .validation_data = test,
         .callbacks = {BackupAndRestore(folder, {.save_freq = 1, .delete_checkpoint = false}),
                       ReduceLROnPlateau({.patience = 2}),
                       LambdaCallback(
                           {.on_batch_end = [&](Fit& fit) { fit.stop = fit.model.optimizer().steps() >= steps; }})},
         .verbose = 2});
    fmt::print("{} steps, {} epochs, validation accuracy {:.4f}\n", model.optimizer().steps(), history.epochs(),
               history["val_accuracy"].back());
    fmt::print("{:016x}\n", hash(model.weights()));
}

// A variational autoencoder (Kingma & Welling 2014) squeezes each piece of clothing into two numbers and paints it
// again from them. It has to need less than 265 nats a test image; each pixel at its mean grey needs 385. The picture
// shows test images, what becomes of them on the way through the two numbers, and what the decoder paints all over the
// plane. Needs Debian's dataset-fashion-mnist. vae [SEED] [PICTURE]; half a minute.
#include <xgrad.h>
#include <cstdlib>
using namespace xg;

namespace {
/// Input (batch, 784), grey values 0 to 1; output their logits (batch, 784).
struct Autoencoder : Module {
    Sequential& encoder = child("encoder", Sequential{Dense(256, relu), Dense(128, relu)});
    Dense& mean = child("mean", Dense(2));
    Dense& log_variance = child("log_variance", Dense(2));
    Sequential& decoder = child("decoder", Sequential{Dense(128, relu), Dense(256, relu), Dense(784)});

    Tensor forward(const Tensor& x) override {
        const Tensor h = encoder(x), mu = mean(h), log_var = log_variance(h);
        // How far the code's distribution N(mu, exp(log_var)) is from N(0, 1), in nats.
        add_loss(0.5 * sum(exp(log_var) + square(mu) - 1 - log_var) / x.shape()[0]);
        return decoder(mu + exp(0.5 * log_var) * randn(mu.shape()));  // a draw whose gradient reaches mu and log_var
    }
};
/// Nats an image, each pixel a coin that shows white with the probability of its grey value.
Tensor nats(const Tensor& images, const Tensor& logits) {
    return sum(sigmoid_cross_entropy(logits, images)) / images.shape()[0];
}
/// Images (n, 784) one after another in rows of `columns`, as a picture.
Tensor gallery(const Tensor& images, std::int64_t columns) {
    return image_grid(reshape(images, {-1, 28, 28}), columns, 0);
}
}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    set_seed(seed);
    const auto [train, test] = data::fashion_mnist();
    const Tensor grey = clip(xg::mean(train.x, 0), 1e-4, 1 - 1e-4);  // of each pixel
    const double baseline = nats(test.x, broadcast_to(log(grey / (1 - grey)), test.x.shape())).item();

    constexpr int epochs = 15, batch_size = 128;
    Autoencoder net;
    Model model{net};
    const double steps = epochs * double(train.size()) / batch_size;
    model.compile(
        {.optimizer = Adam({.learning_rate = CosineDecay({.initial_learning_rate = 2e-3, .decay_steps = steps})}),
         .loss = nats});
    model.fit(train.x, train.x, {.epochs = epochs, .batch_size = batch_size, .seed = seed});
    const double reached = model.evaluate(test.x, test.x, {.batch_size = 500})["loss"];

    const NoGrad unrecorded;
    const Tensor originals = slice(test.x, 0, 20), codes = net.mean(net.encoder(originals));
    const Tensor painted = sigmoid(net.decoder(codes));
    const Tensor line = linspace(-2.5, 2.5, 20), square = ones({20, 1}) * line;
    const Tensor plane = stack({reshape(square, {-1}), reshape(-transpose(square), {-1})}, -1);  // (400, 2)
    const std::string path = argc > 2 ? argv[2] : "vae.png";
    save_png(path, gallery(concatenate({originals, painted, sigmoid(net.decoder(plane))}), 20));

    fmt::print(
        "{}: a row of test images, one of their reconstructions, then the plane of codes from -2.5 to 2.5\n"
        "mean grey {:.1f}, autoencoder {:.1f} nats a test image\n",
        path, baseline, reached);
    return reached < 265 ? 0 : 1;
}

// A character LSTM on the King James text, against an n-gram model of the same text; then it writes some of its own.
// Needs Debian's packages bible-kjv and bible-kjv-text, or a file of text: char_lstm [FILE]. About five minutes.
#include <xgrad.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <unordered_map>
using namespace xg;
using Letters = std::vector<std::int64_t>;

namespace {
/// One verse a line, without its number; empty if the program is not there.
std::string king_james() {
    std::string text;
    if (FILE* verses = popen("bible -f gen1:1-rev22:21 2>/dev/null", "r")) {
        std::array<char, 4096> line;
        while (std::fgets(line.data(), int(line.size()), verses)) {
            const std::string verse = line.data();
            text += verse.substr(verse.find(' ') + 1);
        }
        pclose(verses);
    }
    return text;
}

/// How often each symbol followed the last few, in nats a symbol of another text: the orders up to `n` are mixed by how
/// many different symbols were seen (Witten & Bell 1991).
class NGrams {
public:
    NGrams(const Letters& text, std::int64_t symbols, std::size_t n) : symbols_(symbols), counts_(n) {
        for (std::size_t i = n; i < text.size(); ++i)
            for (std::size_t k = 0; k < n; ++k) {
                const auto context = key(text, i, k);
                auto& times = counts_[k].follow[context * std::uint64_t(symbols) + std::uint64_t(text[i])];
                auto& seen = counts_[k].contexts[context];
                seen.different += times == 0;
                ++times, ++seen.total;
            }
    }
    double loss(const Letters& text) const {
        double sum = 0;
        const auto n = counts_.size();
        for (std::size_t i = n; i < text.size(); ++i) {
            double p = 1 / double(symbols_);
            for (std::size_t k = 0; k < n; ++k) {
                const auto context = key(text, i, k);
                const auto seen = counts_[k].contexts.find(context);
                if (seen == counts_[k].contexts.end()) break;
                const auto times = counts_[k].follow.find(context * std::uint64_t(symbols_) + std::uint64_t(text[i]));
                const double found = times == counts_[k].follow.end() ? 0 : times->second;
                p = (found + seen->second.different * p) / (seen->second.total + seen->second.different);
            }
            sum -= std::log(p);
        }
        return sum / double(text.size() - n);
    }

private:
    /// The k symbols before position i as one number.
    std::uint64_t key(const Letters& text, std::size_t i, std::size_t k) const {
        std::uint64_t context = 0;
        for (std::size_t j = i - k; j < i; ++j) context = context * std::uint64_t(symbols_) + std::uint64_t(text[j]);
        return context;
    }
    struct Seen {
        double total = 0, different = 0;
    };
    struct Order {
        std::unordered_map<std::uint64_t, Seen> contexts;
        std::unordered_map<std::uint64_t, double> follow;
    };
    std::int64_t symbols_;
    std::vector<Order> counts_;
};

struct Pieces {
    Tensor x, y;
};
/// The text cut into pieces of `steps` symbols, (pieces, steps): y is x one symbol later.
Pieces pieces(const Letters& text, std::int64_t steps) {
    const auto count = (std::int64_t(text.size()) - 1) / steps;
    const auto from = [&](std::int64_t first) {
        return Tensor::of<std::int64_t>({count, steps},
                                        std::span(text).subspan(std::size_t(first), std::size_t(count * steps)));
    };
    return {from(0), from(1)};
}
}  // namespace

int main(int count, char** arguments) {
    std::string text;
    if (count > 1) {
        std::ifstream file(arguments[1]);
        text.assign(std::istreambuf_iterator<char>(file), {});
    } else {
        text = king_james();
    }
    if (text.size() < 100'000) {
        fmt::print(
            "char_lstm: expected a text of at least 100000 characters, got {}: apt-get install bible-kjv "
            "bible-kjv-text, or name a file\n",
            text.size());
        return 2;
    }
    std::string alphabet;
    Letters encoded;
    for (const char c : text) {
        if (alphabet.find(c) == alphabet.npos) alphabet += c;
        encoded.push_back(std::int64_t(alphabet.find(c)));
    }
    const auto symbols = std::int64_t(alphabet.size());
    const auto cut =
        encoded.end() - std::ptrdiff_t(encoded.size() / 20);  // the last twentieth is never seen in training
    const Letters seen(encoded.begin(), cut), unseen(cut, encoded.end());

    constexpr std::size_t n = 4;
    const double baseline = NGrams(seen, symbols, n).loss(unseen);
    fmt::print("{} characters, {} different; {}-grams: {:.4f} nats a character of text not seen\n", encoded.size(),
               symbols, n, baseline);

    set_seed(1);
    constexpr int epochs = 4, batch_size = 32;
    const auto train = pieces(seen, 96), test = pieces(unseen, 1024);
    const double steps = epochs * std::ceil(double(train.x.shape()[0]) / batch_size);
    const auto embedding = share(Embedding(symbols, 64));
    const auto lstm = share(LSTM(256, {.return_sequences = true}));
    const auto logits = share(Dense(symbols));
    Model model{Sequential{embedding, lstm, logits}};
    model.compile(
        {.optimizer = Adam({.learning_rate = CosineDecay({.initial_learning_rate = 3e-3, .decay_steps = steps})}),
         .loss = SparseCategoricalCrossentropy({.from_logits = true})});
    model.fit(train.x, train.y, {.epochs = epochs, .batch_size = batch_size, .seed = 1});
    const double reached = model.evaluate(test.x, test.y)["loss"];

    const NoGrad unrecorded;
    std::string sample = "\n";
    Tensors states;
    while (sample.size() < 600) {
        const Tensor last = tensor<std::int64_t>({{std::int64_t(alphabet.find(sample.back()))}});
        auto [y, next] = lstm->run((*embedding)(last), states);
        states = next;
        const Tensor up_to = cumsum(softmax(reshape((*logits)(y), {-1}) / 0.8));
        const auto drawn = std::min(sum(up_to < uniform({1})).item<std::int64_t>(), symbols - 1);
        sample += alphabet[std::size_t(drawn)];
    }
    fmt::print("{}\n\nLSTM {:.4f}, {}-grams {:.4f} nats a character\n", sample, reached, n, baseline);
    return reached < baseline ? 0 : 1;
}

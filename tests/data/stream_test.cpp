#include <atomic>
#include <filesystem>
#include <thread>
#include "../../io/bytes.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;
namespace fs = std::filesystem;

namespace {
using Numbers = std::vector<std::int64_t>;

Stream count(std::int64_t n) { return Stream::from(Tensors{arange(n)}); }
Numbers numbers(Stream::Pass pass, std::size_t most = 1000) {
    Numbers out;
    while (out.size() < most) {
        const auto next = pass.next();
        if (!next) break;
        for (const auto v : (*next)[0].data<std::int64_t>()) out.push_back(v);
    }
    return out;
}
Numbers numbers(const Stream& s, std::uint64_t epoch = 0) { return numbers(s.pass(epoch)); }
Tensors doubled(const Tensors& e) { return {e[0] * 2}; }
}  // namespace

TEST_CASE("streams say what comes, in which order, and how much of it", "[data][stream]") {
    struct Row {
        Stream stream;
        Numbers expected;
        std::optional<std::int64_t> size;
    };
    const Stream five = count(5);
    const auto odd = [](const Tensors& e) { return e[0].item<int>() % 2 == 1; };
    const auto both = [](const Tensors& e) { return Tensors{concatenate({reshape(e[0], {1}), reshape(e[1], {1})})}; };
    const auto thrice = [](const Tensors& e) { return Stream::from(Tensors{full({3}, e[0].item<int>(), i64)}); };
    const std::vector<Row> table{
        {five, {0, 1, 2, 3, 4}, 5},
        {five.map(doubled), {0, 2, 4, 6, 8}, 5},
        {five.map(doubled, {.workers = 3}), {0, 2, 4, 6, 8}, 5},
        {five.filter(odd), {1, 3}, {}},
        {five.take(2), {0, 1}, 2},
        {five.take(9), {0, 1, 2, 3, 4}, 5},
        {five.skip(3), {3, 4}, 2},
        {five.skip(9), {}, 0},
        {five.repeat(2), {0, 1, 2, 3, 4, 0, 1, 2, 3, 4}, 10},
        {five.repeat().take(7), {0, 1, 2, 3, 4, 0, 1}, 7},
        {five.shard(2, 0), {0, 2, 4}, 3},
        {five.shard(2, 1), {1, 3}, 2},
        {five.cache(), {0, 1, 2, 3, 4}, 5},
        {five.prefetch(2), {0, 1, 2, 3, 4}, 5},
        {five.batch(2), {0, 1, 2, 3, 4}, 3},
        {five.batch(2, {.drop_remainder = true}), {0, 1, 2, 3}, 2},
        {five.window(3), {0, 1, 2, 1, 2, 3, 2, 3, 4}, 3},
        {five.window(2, 3), {0, 1, 3, 4}, 2},
        {five.window(6), {}, 0},
        {Stream::zip(five, count(3)).map(both), {0, 0, 1, 1, 2, 2}, 3},
        {five.interleave(thrice, {.cycle = 2, .block = 1}), {0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 4, 4, 4}, {}},
        {five.interleave(thrice, {.cycle = 2, .block = 2}), {0, 0, 1, 1, 0, 1, 2, 2, 3, 3, 2, 3, 4, 4, 4}, {}},
        {count(0).repeat(), {}, {}},
        {Stream::from_generator([] {
             return [n = 0]() mutable -> std::optional<Tensors> {
                 if (n == 3) return {};
                 return Tensors{full({}, n++, i64)};
             };
         }),
         {0, 1, 2},
         {}},
    };
    for (std::size_t i = 0; i < table.size(); ++i) {
        INFO("row " << i);
        CHECK(numbers(table[i].stream) == table[i].expected);
        CHECK(numbers(table[i].stream) == table[i].expected);  // and again
        CHECK(table[i].stream.size() == table[i].size);
        // Going on in the middle is the same as having been there.
        for (std::int64_t skipped = 0; skipped < 4; ++skipped) {
            auto whole = table[i].stream.pass(), later = table[i].stream.pass();
            for (std::int64_t k = 0; k < skipped; ++k) whole.next();
            later.skip(skipped);
            CHECK(numbers(std::move(whole)) == numbers(std::move(later)));
        }
    }
    CHECK(five.repeat().endless());
    CHECK(!five.endless());
    Numbers looped;
    auto pass = five.pass();
    for (const Tensors& example : pass) looped.push_back(example[0].item<int>());
    CHECK(looped == Numbers{0, 1, 2, 3, 4});
    CHECK(five.batch(2).pass().next()->at(0).shape() == Shape{2});
}

TEST_CASE("a shuffled stream depends on seed and epoch alone", "[data][stream]") {
    const Stream shuffled = count(50).shuffle(20, {.seed = 3});
    const Numbers first = numbers(shuffled, 0), second = numbers(shuffled, 1);
    CHECK(first != second);
    CHECK(numbers(shuffled, 0) == first);
    CHECK(numbers(count(50).shuffle(20, {.seed = 4}), 0) != first);
    auto sorted = first;
    std::ranges::sort(sorted);
    CHECK(sorted == numbers(count(50)));
    // A buffer of 20 cannot bring forward what is more than 19 away.
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(first[i] <= std::int64_t(i) + 19);
    CHECK(numbers(count(50).shuffle(1)) == numbers(count(50)));
    CHECK(numbers(shuffled.repeat(2), 0) != numbers(shuffled.repeat(2), 1));
}

TEST_CASE("any number of workers gives the same examples in the same order", "[data][stream][threads]") {
    const auto noisy = [](const Tensors& e, RandomKey key) {
        std::this_thread::sleep_for(std::chrono::microseconds(e[0].item<int>() * 37 % 400));  // to get out of step
        return Tensors{randint(key, {2}, 0, 1'000'000) + e[0]};
    };
    const auto run = [&](int workers, std::uint64_t epoch) {
        return numbers(count(60).shuffle(30).map(noisy, {.workers = workers, .seed = 5}).batch(7).prefetch(2), epoch);
    };
    const Numbers wanted = run(0, 1);
    CHECK(wanted.size() == 120);
    CHECK(run(0, 2) != wanted);
    for (const int workers : {1, 2, 5}) CHECK(run(workers, 1) == wanted);
    // What a worker throws arrives at its place; and a pass may be left in the middle.
    const Stream fails = count(9).map(
        [](const Tensors& e) -> Tensors {
            require<std::invalid_argument>(e[0].item<int>() != 4, "map: expected anything but 4, got {}", 4);
            return e;
        },
        {.workers = 3});
    auto pass = fails.pass();
    for (int i = 0; i < 4; ++i) CHECK(pass.next()->at(0).item<int>() == i);
    CHECK_THROWS_WITH(pass.next(), "map: expected anything but 4, got 4");
    std::atomic<int> read{0};
    {
        auto left = count(100)
                        .map([&](const Tensors& e) {
                            ++read;
                            return e;
                        })
                        .prefetch(3)
                        .pass();
        left.next();
    }
    CHECK(read <= 5);
}

TEST_CASE("passes of one stream may run on several threads at once", "[data][stream][threads]") {
    const Stream shared =
        count(40)
            .cache()
            .map([](const Tensors& e, RandomKey key) { return Tensors{randint(key, {1}, 0, 1000) + e[0]}; },
                 {.workers = 2, .seed = 3})
            .shuffle(9)
            .batch(6)
            .prefetch(2);
    const Numbers wanted = numbers(shared);
    std::vector<Numbers> seen(3);
    std::vector<std::thread> readers;
    for (Numbers& mine : seen) readers.emplace_back([&] { mine = numbers(shared); });
    for (std::thread& reader : readers) reader.join();
    for (const Numbers& each : seen) CHECK(each == wanted);
    // A step of a model on each thread, fed by workers of its own.
    std::vector<double> losses(2);
    std::vector<std::thread> trainers;
    const Dataset iris = data::iris().train;
    for (double& loss : losses)
        trainers.emplace_back([&] {
            Model model{Sequential{Dense(3, {.kernel_initializer = Zeros()})}};
            model.compile({.loss = SparseCategoricalCrossentropy({.from_logits = true})});
            const Stream batches = Stream::from(iris).batch(20).map([](const Tensors& b) { return b; }, {.workers = 2});
            loss = model.fit(batches, {.verbose = 0})["loss"].back();
        });
    for (std::thread& trainer : trainers) trainer.join();
    CHECK(losses[0] == losses[1]);
}

TEST_CASE("a padded batch is as large as its largest example", "[data][stream]") {
    const Stream ragged = count(3).map([](const Tensors& e) {
        return Tensors{full({e[0].item<int>() + 1}, e[0].item<int>(), i64), e[0]};
    });
    const auto batch = *ragged.padded_batch(3, -1).pass().next();
    CHECK(batch[0].shape() == Shape{3, 3});
    CHECK(all(batch[0] == tensor<std::int64_t>({{0, -1, -1}, {1, 1, -1}, {2, 2, 2}})).item<bool>());
    CHECK(batch[1].shape() == Shape{3});
    CHECK_THROWS_WITH(ragged.batch(3).pass().next(),
                      "batch: expected examples of one shape, or padded_batch, got (1,) and (2,)");
}

TEST_CASE("a cached stream is read once", "[data][stream]") {
    int read = 0;
    const Stream cached = count(4)
                              .map([&](const Tensors& e) {
                                  ++read;
                                  return e;
                              })
                              .cache();
    for (int i = 0; i < 3; ++i) CHECK(numbers(cached) == Numbers{0, 1, 2, 3});
    CHECK(read == 4);
}

TEST_CASE("streams refuse what makes no sense", "[data][stream]") {
    const Stream s = count(3);
    CHECK_THROWS_WITH(s.batch(0), "batch: expected n > 0, got 0");
    CHECK_THROWS_WITH(s.padded_batch(0), "padded_batch: expected n > 0, got 0");
    CHECK_THROWS_WITH(s.shuffle(0), "shuffle: expected a buffer > 0, got 0");
    CHECK_THROWS_WITH(s.window(0), "window: expected size > 0 and shift > 0, got 0 and 1");
    CHECK_THROWS_WITH(s.shard(2, 2), "shard: expected 0 <= index < count, got 2 of 2");
    CHECK_THROWS_WITH(s.take(-1), "take: expected n >= 0, got -1");
    CHECK_THROWS_WITH(s.skip(-1), "skip: expected n >= 0, got -1");
    CHECK_THROWS_WITH(s.prefetch(0), "prefetch: expected n > 0, got 0");
    CHECK_THROWS_WITH(s.map(doubled, {.workers = -1}), "map: expected workers >= 0, got -1");
    CHECK_THROWS_WITH(s.interleave([](const Tensors&) { return count(1); }, {.cycle = 0}),
                      "interleave: expected cycle > 0 and block > 0, got 0 and 1");
    CHECK_THROWS_WITH(Stream::from(Tensors{}), "Stream: expected at least one tensor, got none");
    CHECK_THROWS_WITH(Stream::from(Tensors{ones({2}), ones({3})}),
                      "Stream: expected tensors of equal length, got (2,) and (3,)");
    CHECK_THROWS_WITH(Stream::from_folder("/nowhere"),
                      "/nowhere: Stream: expected a folder with a folder for each class, got none");
}

TEST_CASE("pictures come from a folder a class, and come back as they were written", "[data][stream]") {
    const fs::path folder = fs::temp_directory_path() / "xgrad_pictures";
    fs::remove_all(folder);
    const Tensor red = Tensor::empty({2, 3, 3}, u8), grey = Tensor::empty({4, 6}, u8);
    for (std::int64_t i = 0; i < red.numel(); ++i) red.raw<std::uint8_t>()[i] = std::uint8_t(i * 14);
    for (std::int64_t i = 0; i < grey.numel(); ++i) grey.raw<std::uint8_t>()[i] = std::uint8_t(i * 10);
    fs::create_directories(folder / "cat"), fs::create_directories(folder / "dog");
    save_png(folder / "cat/1.png", red);
    save_png(folder / "dog/2.PNG", grey);
    CHECK(all(read_image(folder / "cat/1.png") == red).item<bool>());
    CHECK(all(reshape(read_image(folder / "dog/2.PNG"), {4, 6}) == grey).item<bool>());
    CHECK(read_image(folder / "dog/2.PNG", 3).shape() == Shape{4, 6, 3});
    for (int channels = 1; channels <= 4; ++channels) {
        const Tensor any = (uniform({5, 7, channels}) * 255).to(u8);
        CHECK(all(decode_image(encode_png(any), "memory") == any).item<bool>());
    }
    const Stream stream = Stream::from_folder(folder, {.height = 2, .width = 3, .shuffle = false});
    CHECK(stream.classes() == std::vector<std::string>{"cat", "dog"});
    const auto batch = *stream.batch(2).pass().next();
    CHECK(batch[0].shape() == Shape{2, 2, 3, 3});
    CHECK(all(batch[1] == tensor<std::int64_t>({0, 1})).item<bool>());
    CHECK(batch[0](0, 1, 2, 2).item() == Approx(17 * 14 / 255.0));
    // Decoded by Pillow 13.
    const Tensor photograph = read_image(XGRAD_SOURCE_DIR "/tests/fuzz/corpus/image/colours.jpg");
    CHECK(photograph.shape() == Shape{8, 6, 3});
    CHECK(all(photograph(3, 4) == tensor<std::uint8_t>({65, 66, 68})).item<bool>());
    CHECK(sum(photograph.to(i64)).item<int>() == 10323);
    CHECK(sum(read_image(XGRAD_SOURCE_DIR "/tests/fuzz/corpus/image/grey.jpg").to(i64)).item<int>() == 3425);
    // A picture that is cut anywhere, or has a byte flipped, is refused or read; never more.
    const std::string png = encode_png(red);
    for (std::size_t i = 0; i < png.size(); ++i) {
        std::string damaged = png;
        damaged[i] = char(damaged[i] ^ 0x21);
        for (const auto& bytes : {png.substr(0, i), damaged}) try {
                decode_image(bytes, "damaged");
            } catch (const FileError&) {}
    }
    CHECK_THROWS_WITH(decode_image("GIF89a", "x.gif"),
                      "x.gif: image: expected PNG or JPEG, got another format at byte 0");
    CHECK_THROWS_AS(decode_image("\xff\xd8\xff\xe0", "x.jpg"), FileError);
    CHECK_THROWS_WITH(
        encode_png(ones({2, 2, 5})),
        "encode_png: expected a picture (height, width) or (height, width, 1 to 4 channels), got (2, 2, 5)");
    fs::remove_all(folder);
}

TEST_CASE("fit takes a stream, and gives what the same batches in memory give", "[train][stream]") {
    const auto [train, test] = standardise(data::iris());
    const auto fresh = [] {
        set_seed(2);
        Model model{Sequential{Dense(6, tanh), Dropout(0.2), Dense(3)}};
        model.compile({.loss = SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
        return model;
    };
    const auto weights = [](const Model& m) {
        std::vector<float> out;
        for (const Tensor& w : m.weights()) out.insert(out.end(), w.raw<float>(), w.raw<float>() + w.numel());
        return out;
    };
    Model memory = fresh();
    memory.fit(train.x, train.y, {.epochs = 3, .batch_size = 25, .shuffle = false, .verbose = 0});
    const Stream batches = Stream::from(train).batch(25);
    Model streamed = fresh();
    const History h = streamed.fit(batches.prefetch(), {.epochs = 3, .verbose = 0});
    CHECK(h.epochs() == 3);
    CHECK(weights(streamed) == weights(memory));
    Model endless = fresh();
    endless.fit(batches.repeat(), {.epochs = 5, .verbose = 0, .steps_per_epoch = 3});  // 15 batches: three times all
    CHECK(weights(endless) == weights(memory));

    // It goes on in the middle of an epoch.
    const std::string folder = (fs::temp_directory_path() / "xgrad_stream_backup").string();
    for (const bool forever : {false, true}) {
        const Stream shuffled = Stream::from(train).shuffle(60, {.seed = 4}).batch(25);
        const Stream source = forever ? shuffled.repeat() : shuffled;
        const auto run = [&](int crash) {
            Model model = fresh();
            int batch = 0;
            model.fit(source, {.epochs = 3,
                               .callbacks = {LambdaCallback({.on_batch_begin =
                                                                 [&](Fit&) {
                                                                     if (++batch == crash)
                                                                         throw std::runtime_error("crash");
                                                                 }}),
                                             BackupAndRestore(folder, {.save_freq = 1})},
                               .verbose = 0,
                               .steps_per_epoch = forever ? 4 : 0});
            return weights(model);
        };
        const auto whole = run(0);
        for (const int crash : {3, 5, 6, 11}) {
            CHECK_THROWS_WITH(run(crash), "crash");
            CHECK(run(0) == whole);
        }
    }
    // It is measured and validated on as the same rows in memory are.
    const Stream test_batches = Stream::from(test).batch(7);
    const Logs expected = memory.evaluate(test.x, test.y, {.batch_size = 7});
    for (const auto& [name, value] : memory.evaluate(test_batches)) CHECK(value == expected[name]);
    CHECK(memory.evaluate(test_batches.repeat(), {.steps = 2})["loss"] ==
          memory.evaluate(slice(test.x, 0, 14), slice(test.y, 0, 14), {.batch_size = 7})["loss"]);
    Model validated = fresh();
    const History v = validated.fit(batches, {.epochs = 2, .validation_data = test_batches, .verbose = 0});
    CHECK(v["val_loss"].back() == validated.evaluate(test_batches)["loss"]);
    const History w = validated.fit(
        batches, {.epochs = 2, .validation_data = test_batches.repeat(), .validation_steps = 2, .verbose = 0});
    CHECK(w["val_accuracy"].back() == validated.evaluate(test_batches, {.steps = 2})["accuracy"]);
    CHECK_THROWS_WITH(validated.fit(batches, {.validation_data = test_batches.repeat(), .verbose = 0}),
                      "fit: validation: expected validation_steps beside an endless Stream, got none");
    CHECK_THROWS_WITH(validated.fit(batches, {.validation_data = test, .validation_steps = 2, .verbose = 0}),
                      "fit: expected validation_steps beside a Stream to validate on only, got 2");
    CHECK_THROWS_WITH(validated.evaluate(test_batches, {.sample_weight = ones({30})}),
                      "evaluate: expected no sample_weight beside a Stream, got (30,)");
    CHECK_THROWS_WITH(validated.evaluate(test_batches, {.steps = -1}), "evaluate: expected steps >= 0, got -1");
    CHECK_THROWS_WITH(validated.evaluate(test_batches.repeat()),
                      "evaluate: expected steps beside an endless Stream, got none");

    Model model = fresh();
    CHECK_THROWS_WITH(model.fit(batches.repeat()), "fit: expected steps_per_epoch beside an endless Stream, got none");
    CHECK_THROWS_WITH(model.fit(batches.take(0)), "fit: expected at least one batch, got none");
    CHECK_THROWS_WITH(model.fit(batches, {.validation_split = 0.1}),
                      "fit: expected validation_data beside a Stream, got validation_split 0.1");
    CHECK_THROWS_WITH(model.fit(count(3)), "fit: expected inputs and a target in a batch, got 1 tensor");
    CHECK_THROWS_WITH(model.fit(train.x, train.y, {.verbose = 0, .steps_per_epoch = 2}),
                      "fit: expected steps_per_epoch beside a Stream only, got 2 for 4 batches");
    const Stream late =
        Stream::from(Tensors{train.x, concatenate({slice(train.y, 0, 119), full({1}, 7, i64)})}).batch(25);
    CHECK_THROWS_WITH(model.fit(late, {.verbose = 0}), "fit: batch 4: expected labels in [0, 3), got 7 in row 19");
}

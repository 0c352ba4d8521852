#include <cmath>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return a.numel() ? max(abs(a.to(f64) - b.to(f64))).item() : 0;
}
std::vector<std::int64_t> ints(const Tensor& x) {
    const Tensor wide = x.to(i64);
    return {wide.raw<std::int64_t>(), wide.raw<std::int64_t>() + x.numel()};
}
using Ints = std::vector<std::int64_t>;
/// Height 2, width 3: distinct values.
Tensor picture() { return reshape(arange(6).to(f32) + 1, {1, 2, 3, 1}); }
}  // namespace

// Where Keras is named, the numbers are those of the examples in its documentation (keras.io/api/layers).

TEST_CASE("normalization takes the data's mean and variance, and back again", "[preprocessing]") {
    const Tensor data = tensor({{0, 7, 4}, {2, 9, 6}, {0, 7, 4}, {2, 9, 6}});
    Normalization layer;
    layer.adapt(data);
    CHECK(apart(layer(tensor({{0, 7, 4}})), full({1, 3}, -1)) < 1e-6);  // Keras
    Normalization back({.invert = true});
    back.adapt(data);
    CHECK(apart(back(tensor({{1, 2, 3}})), tensor({{2, 10, 8}})) < 1e-6);  // Keras
    Normalization by_number({.axis = none, .mean = {3}, .variance = {2}});
    CHECK(apart(by_number(tensor({{1}, {2}, {3}})), tensor({{-1.4142135}, {-0.70710677}, {0}})) < 1e-6);  // Keras
    Normalization constant;
    constant.adapt(full({4, 1}, 5));
    CHECK(constant(full({1, 1}, 5)).item() == 0);
    layer.adapt(data + 1);  // starts anew
    CHECK(apart(layer(tensor({{1, 8, 5}})), full({1, 3}, -1)) < 1e-6);
    CHECK(layer(tensor<std::int64_t>({{1, 8, 5}})).dtype() == f32);
    CHECK_THROWS_WITH(layer(ones({2, 4})), "Normalization: expected entries (3,) along the axes, got input (2, 4)");
    CHECK_THROWS_WITH(layer.adapt(ones({2, 4})),
                      "Normalization: expected data with entries (3,) along the axes, got (2, 4)");
    CHECK_THROWS_WITH(layer.adapt(ones({0, 3})), "Normalization: expected data to adapt to, got (0, 3)");
    CHECK_THROWS_WITH(by_number.adapt(data), "Normalization: expected adapt() without a given mean, got both");
    CHECK_THROWS_WITH(Normalization({.mean = {1}}),
                      "Normalization: expected mean and variance of one size, got 1 and 0");
    CHECK_THROWS_WITH(Normalization({.mean = {1, 2}, .variance = {1, 2}})(ones({2, 3})),
                      "Normalization: expected one mean or one for each of the entries (3,), got 2");
}

TEST_CASE("images are cut and made larger and smaller", "[preprocessing]") {
    const Tensor x = reshape(arange(24).to(f32), {1, 4, 6, 1});
    CHECK(array_equal(CenterCrop(2, 2)(x), x(all, Slice(1, 3), Slice(2, 4), all)));
    CHECK(CenterCrop(2, 2)(x[0]).shape() == Shape{2, 2, 1});
    CHECK(Resizing(8, 3)(x).shape() == Shape{1, 8, 3, 1});
    const Tensor level = full({2, 3, 5, 2}, 7);
    for (const char* interpolation : {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"})
        for (const bool antialias : {false, true})
            CHECK(apart(Resizing(4, 2, {.interpolation = interpolation, .antialias = antialias})(level),
                        full({2, 4, 2, 2}, 7)) < 1e-5);
    // As large as it is: unchanged.
    CHECK(apart(Resizing(4, 6, {.interpolation = "bicubic"})(x), x) < 1e-5);
    // Half the width of a flat image, kept in proportion: bars above and below.
    const Tensor padded = Resizing(2, 2, {.pad_to_aspect_ratio = true, .fill_value = -1})(full({1, 2, 4, 1}, 5));
    CHECK(apart(padded, reshape(tensor({2, 2, 2, 2}), {1, 2, 2, 1})) < 1e-6);  // each pixel half a bar, half the image
    const Tensor bytes = tensor<std::uint8_t>({{0, 255}, {0, 255}});
    CHECK(Resizing(2, 4)(reshape(bytes, {1, 2, 2, 1})).dtype() == u8);
    CHECK(ints(Resizing(1, 4)(reshape(bytes, {1, 2, 2, 1}))) == Ints{0, 64, 191, 255});
    CHECK_THROWS_WITH(Resizing(0, 3), "Resizing: expected height and width > 0, got 0 and 3");
    CHECK_THROWS_WITH(
        Resizing(1, 3, {.interpolation = "cubic"}),
        "Resizing: expected interpolation nearest, bilinear, bicubic, lanczos3, lanczos5 or area, got cubic");
    CHECK_THROWS_WITH(Resizing(1, 3, {.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}),
                      "Resizing: expected crop_to_aspect_ratio or pad_to_aspect_ratio, got both");
    CHECK_THROWS_WITH(Resizing(1, 3)(ones({2, 3})),
                      "Resizing: expected images (batch, height, width, channels), got (2, 3)");
    CHECK_THROWS_WITH(CenterCrop(1, -3), "CenterCrop: expected height and width > 0, got 1 and -3");
}

TEST_CASE("images turn, move and zoom by known amounts", "[preprocessing]") {
    const Tensor square = reshape(arange(9).to(f32), {1, 3, 3, 1}), x = picture();
    Training mode;
    // A quarter turn counterclockwise: the last column becomes the first row.
    const Tensor turned = flip(transpose(square, {0, 2, 1, 3}), 1);
    CHECK(apart(RandomRotation({.factor = {0.25, 0.25}})(square), turned) < 1e-5);
    CHECK(apart(RandomRotation({.factor = {1, 1}})(square), square) < 1e-5);
    const auto moved = [&](const char* fill) {
        return ints(RandomTranslation(
            {.height_factor = {0, 0}, .width_factor = {1 / 3., 1 / 3.}, .fill_mode = fill, .fill_value = 9})(x));
    };
    CHECK(moved("constant") == Ints{9, 1, 2, 9, 4, 5});
    CHECK(moved("nearest") == Ints{1, 1, 2, 4, 4, 5});
    CHECK(moved("wrap") == Ints{3, 1, 2, 6, 4, 5});
    CHECK(moved("reflect") == Ints{1, 1, 2, 4, 4, 5});
    CHECK(ints(RandomTranslation({.height_factor = {0.5, 0.5}, .width_factor = {0, 0}, .fill_mode = "wrap"})(x)) ==
          Ints{4, 5, 6, 1, 2, 3});
    // Twice as close: the middle column of three stays.
    const Tensor close = RandomZoom({.height_factor = {0, 0}, .width_factor = {-0.5, -0.5}})(x);
    CHECK(apart(close, reshape(tensor({1.5, 2, 2.5, 4.5, 5, 5.5}), {1, 2, 3, 1})) < 1e-5);
    const Tensor far = RandomZoom({.height_factor = {1, 1}, .fill_mode = "constant"})(square);
    CHECK(far(0, 1, 1, 0).item() == 4);
    CHECK(far(0, 0, 0, 0).item() == 0);
    CHECK_THROWS_WITH(RandomZoom(2), "RandomZoom: expected a height_factor in [-1, 1], got -2 to 2");
    CHECK_THROWS_WITH(RandomRotation({.factor = {0.1, 0.2, 0.3}}), "RandomRotation: expected one factor or two, got 3");
    CHECK_THROWS_WITH(RandomRotation({.factor = {0.1}, .fill_mode = "mirror"}),
                      "RandomRotation: expected fill_mode reflect, wrap, constant or nearest, got mirror");
    CHECK_THROWS_WITH(RandomZoom({.height_factor = {0.1}, .interpolation = "cubic"}),
                      "RandomZoom: expected interpolation bilinear or nearest, got cubic");
}

TEST_CASE("images are flipped, cut and coloured by chance, in training only", "[preprocessing]") {
    set_seed(4);
    const Tensor many = tile(picture(), {400, 1, 1, 1});
    CHECK(array_equal(RandomFlip()(many), many));
    CHECK(array_equal(RandomBrightness(0.5)(many), many));
    CHECK(array_equal(RandomContrast(0.5)(many), many));
    CHECK(RandomCrop(1, 2)(many).shape() == Shape{400, 1, 2, 1});
    Training mode;
    const Tensor flipped = RandomFlip({.mode = "horizontal"})(many), share = mean((flipped(all, 0, 0, 0) == 3).to(f64));
    CHECK(share.item() == Approx(0.5).margin(0.1));
    CHECK(all((flipped(all, 0, 1, 0) == 2)).item<bool>());
    const Tensor down = RandomFlip({.mode = "vertical"})(many);
    CHECK(all(logical_or(down(all, 0, 0, 0) == 1, down(all, 0, 0, 0) == 4)).item<bool>());
    const Tensor bright = RandomBrightness({.factor = {0.1, 0.2}, .value_range = {0, 10}})(many) - many;
    CHECK(min(bright(all, 0, 0, 0)).item() >= 1 - 1e-6);
    CHECK(max(bright(all, 0, 0, 0)).item() <= 2 + 1e-6);
    CHECK(max(RandomBrightness({.factor = {1, 1}, .value_range = {0, 5}})(many)).item() == 5);
    const Tensor contrast = RandomContrast({.factor = {0.5}, .value_range = {-99, 99}})(many);
    CHECK(apart(mean(contrast, {1, 2, 3}), full({400}, 3.5)) < 1e-5);
    const Tensor spread = (contrast(all, 1, 2, 0) - 3.5) / 2.5;  // the factor
    CHECK(min(spread).item() >= 1 - 1e-5);
    CHECK(max(spread).item() <= 1.5 + 1e-5);
    const Tensor cut = RandomCrop(1, 2)(many);
    CHECK(all(cut(all, 0, 1, 0) - cut(all, 0, 0, 0) == 1).item<bool>());
    // A seed of one's own: the same again for another layer with it.
    CHECK(array_equal(RandomFlip({.seed = 3})(many), RandomFlip({.seed = 3})(many)));
    CHECK_THROWS_WITH(RandomFlip({.mode = "diagonal"}),
                      "RandomFlip: expected mode horizontal, vertical or horizontal_and_vertical, got diagonal");
    CHECK_THROWS_WITH(RandomCrop(0, 2), "RandomCrop: expected height and width > 0, got 0 and 2");
    CHECK_THROWS_WITH(RandomContrast(2), "RandomContrast: expected factors in [0, 1], got 2");
    CHECK_THROWS_WITH(RandomContrast(RandomColorOptions()), "RandomContrast: expected one factor or two, got 0");
    CHECK_THROWS_WITH(RandomBrightness({.factor = {0.1}, .value_range = {3}}),
                      "RandomBrightness: expected value_range {low, high}, got 1 numbers");
}

TEST_CASE("categories become rows", "[preprocessing]") {
    CHECK(apart(CategoryEncoding(4, {.output_mode = "one_hot"})(tensor<std::int64_t>({3, 2, 0, 1})),
                tensor({{0, 0, 0, 1}, {0, 0, 1, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}})) == 0);  // Keras
    const Tensor pairs = tensor<std::int64_t>({{0, 1}, {0, 0}, {1, 2}, {3, 1}});
    CHECK(apart(CategoryEncoding(4)(pairs), tensor({{1, 1, 0, 0}, {1, 0, 0, 0}, {0, 1, 1, 0}, {0, 1, 0, 1}})) == 0);
    CategoryEncoding count(4, {.output_mode = "count"});
    CHECK(apart(count(pairs, tensor({{0.1, 0.2}, {0.1, 0.1}, {0.2, 0.3}, {0.4, 0.2}})),
                tensor({{0.1, 0.2, 0.0, 0.0}, {0.2, 0.0, 0.0, 0.0}, {0.0, 0.2, 0.3, 0.0}, {0.0, 0.2, 0.0, 0.4}})) <
          1e-6);
    CHECK(CategoryEncoding(3, {.output_mode = "one_hot"})(tensor<std::int64_t>({{1}, {2}})).shape() == Shape{2, 3});
    CHECK_THROWS_WITH(CategoryEncoding(3)(pairs), "CategoryEncoding: expected integers in [0, 3), got 3");
    CHECK_THROWS_WITH(CategoryEncoding(0), "CategoryEncoding: expected num_tokens > 0, got 0");
    CHECK_THROWS_WITH(
        CategoryEncoding(4)(pairs, pairs),
        "CategoryEncoding: expected weights beside each entry and output_mode count, got input (4, 2) and "
        "multi_hot");
    CHECK_THROWS_WITH(CategoryEncoding(3, {.output_mode = "int"}),
                      "CategoryEncoding: expected output_mode one_hot, multi_hot, count, got int");
}

TEST_CASE("numbers fall into bins, given or learned", "[preprocessing]") {
    const Tensor x = tensor({{-1.5, 1, 3.4, 0.5}, {0, 3, 1.3, 0}});
    CHECK(ints(Discretization({.bin_boundaries = {0, 1, 2}})(x)) == Ints{0, 2, 3, 1, 1, 3, 2, 1});  // Keras
    Discretization learned({.num_bins = 4});
    CHECK_THROWS_WITH(learned(x), "Discretization: expected adapt() before, as it has no bin_boundaries");
    learned.adapt(x);
    CHECK(ints(learned(x)) == Ints{0, 2, 3, 2, 1, 3, 3, 1});  // Keras
    Discretization even({.num_bins = 10});
    even.adapt(arange(10000));
    for (int b = 0; b < 9; ++b) CHECK(even.bin_boundaries()[std::size_t(b)] == Approx(1000 * (b + 1)).margin(150));
    const auto copy = even.clone();
    CHECK(array_equal((*copy)(arange(100)), even(arange(100))));
    CHECK_THROWS_WITH(Discretization({.bin_boundaries = {1, 0}}),
                      "Discretization: expected bin_boundaries that rise, got 0 after 1");
    CHECK_THROWS_WITH(Discretization(DiscretizationOptions()),
                      "Discretization: expected bin_boundaries or num_bins > 0, got 0");
    CHECK_THROWS_WITH(Discretization({.bin_boundaries = {1}}).adapt(x),
                      "Discretization: expected num_bins for adapt(), got 0");
}

TEST_CASE("strings and integers are hashed as in Keras", "[preprocessing]") {
    const Strings letters{"A", "B", "C", "D", "E"};
    CHECK(ints(Hashing(3)(letters)) == Ints{1, 0, 1, 1, 2});
    CHECK(ints(Hashing(3, {.salt = {133, 137}})(letters)) == Ints{1, 2, 1, 0, 2});
    CHECK(ints(Hashing(3, {.salt = {133}})(letters)) == Ints{0, 0, 2, 1, 0});
    CHECK(ints(Hashing(3, {.mask_value = ""})(Strings{"A", "B", "", "C", "D"})) == Ints{1, 1, 0, 2, 2});
    // FarmHash's own values: one for each length that it treats apart.
    CHECK(detail::farm_hash("") == 0x9ae16a3b2f90404f);
    // SipHash-2-4's test vector (Aumasson & Bernstein, appendix A).
    std::string text;
    for (char c = 0; c < 15; ++c) text += c;
    CHECK(detail::sip_hash(text, 0x0706050403020100, 0x0f0e0d0c0b0a0908) == 0xa129ca6149be45e5);
    const auto masked = make_module("Hashing", Config(Json{{"num_bins", 5}, {"mask_value", 12}}));
    CHECK(ints((*masked)(tensor<std::int64_t>({12, -3})))[0] == 0);
    CHECK(ints(Hashing(5, {.mask_value = 12})(tensor<std::int64_t>({12}))) == Ints{0});
    CHECK(ints(Hashing(1000)(tensor<std::int64_t>({12, -3}))) == ints(Hashing(1000)(Strings{"12", "-3"})));
    CHECK(Hashing(4, {.output_mode = "one_hot"})(letters).shape() == Shape{5, 4});
    CHECK_THROWS_WITH(Hashing(0), "Hashing: expected num_bins > 0, got 0");
    CHECK_THROWS_WITH(Hashing(3, {.salt = {1, 2, 3}}), "Hashing: expected a salt of one or two numbers, got 3");
    CHECK_THROWS_WITH(Hashing(3)(std::vector<Strings>{{"a"}, {"a", "b"}}),
                      "Hashing: expected rows of equal length, got 2 after 1");
}

TEST_CASE("strings are looked up", "[preprocessing]") {
    const Strings vocabulary{"a", "b", "c", "d"};
    const std::vector<Strings> data{{"a", "c", "d"}, {"d", "z", "b"}};
    CHECK(ints(StringLookup({.vocabulary = vocabulary})(data)) == Ints{1, 3, 4, 4, 0, 2});  // Keras
    CHECK(ints(StringLookup({.vocabulary = vocabulary})({"a", "z"})) == Ints{1, 0});
    StringLookup of_two;
    of_two.adapt({"a", "b"});
    CHECK(of_two.vocabulary() == Strings{"[UNK]", "b", "a"});
    StringLookup adapted;
    adapted.adapt(data);
    CHECK(adapted.vocabulary() == Strings{"[UNK]", "d", "z", "c", "b", "a"});  // Keras
    CHECK(ints(StringLookup({.num_oov_indices = 2, .vocabulary = vocabulary})(
              std::vector<Strings>{{"a", "c", "d"}, {"m", "z", "b"}})) == Ints{2, 4, 5, 0, 1, 3});  // Keras
    CHECK(apart(StringLookup({.vocabulary = vocabulary, .output_mode = "one_hot"})(Strings{"a", "z"}),
                tensor({{0, 1, 0, 0, 0}, {1, 0, 0, 0, 0}})) == 0);
    const std::vector<Strings> texts{{"a", "c", "d", "d"}, {"d", "z", "b", "z"}};
    CHECK(apart(StringLookup({.vocabulary = vocabulary, .output_mode = "multi_hot"})(texts),
                tensor({{0, 1, 0, 1, 1}, {1, 0, 1, 0, 1}})) == 0);  // Keras
    CHECK(apart(StringLookup({.vocabulary = vocabulary, .output_mode = "count"})(texts),
                tensor({{0, 1, 0, 1, 2}, {2, 0, 1, 0, 1}})) == 0);  // Keras
    CHECK(apart(StringLookup(
                    {.vocabulary = vocabulary, .idf_weights = {0.25, 0.75, 0.6, 0.4}, .output_mode = "tf_idf"})(texts),
                tensor({{0.0, 0.25, 0.0, 0.6, 0.8}, {1.0, 0.0, 0.75, 0.0, 0.4}})) < 1e-6);  // Keras
    const StringLookup back({.vocabulary = vocabulary, .invert = true});
    CHECK(back.tokens(tensor<std::int64_t>({1, 3, 4, 0, 2})) == Strings{"a", "c", "d", "[UNK]", "b"});
    const StringLookup masked({.mask_token = "", .vocabulary = vocabulary});
    CHECK(ints(masked(Strings{"", "z", "a"})) == Ints{0, 1, 2});
    CHECK(masked.vocabulary() == Strings{"", "[UNK]", "a", "b", "c", "d"});
    CHECK(ints(StringLookup({.vocabulary = {"[UNK]", "a"}})(Strings{"a"})) == Ints{1});  // it names the special one too
    StringLookup few({.max_tokens = 3});
    few.adapt(Strings{"x", "y", "x", "z", "y", "x"});
    CHECK(few.vocabulary() == Strings{"[UNK]", "x", "y"});
    StringLookup weighed({.max_tokens = 5, .output_mode = "tf_idf", .pad_to_max_tokens = true});
    weighed.adapt(std::vector<Strings>{{"x", "y", "x"}, {"x"}});
    const double x_weight = std::log(1 + 2 / 3.), y_weight = std::log(1 + 2 / 2.);
    CHECK(apart(weighed(std::vector<Strings>{{"x", "q", "x"}}),
                tensor({{(x_weight + y_weight) / 2, 2 * x_weight, 0.0, 0.0, 0.0}})) < 1e-6);
    CHECK_THROWS_WITH(StringLookup()(Strings{"a"}), "StringLookup: expected a vocabulary or adapt() before");
    CHECK_THROWS_WITH(StringLookup({.num_oov_indices = 0, .vocabulary = vocabulary})(Strings{"q"}),
                      "StringLookup: expected a token of the vocabulary, as num_oov_indices is 0, got q");
    CHECK_THROWS_WITH(StringLookup({.vocabulary = {"a", "a"}}), "StringLookup: expected different tokens, got a twice");
    CHECK_THROWS_WITH(StringLookup({.max_tokens = 2, .vocabulary = vocabulary}),
                      "StringLookup: expected a vocabulary of at most max_tokens, 2, got 5");
    CHECK_THROWS_WITH(StringLookup({.vocabulary = {"a"}, .output_mode = "tf_idf"}),
                      "StringLookup: expected one of idf_weights for each of 1 tokens, got 0");
    CHECK_THROWS_WITH(StringLookup({.invert = true, .output_mode = "count"}),
                      "StringLookup: expected output_mode int to invert, got count");
    CHECK_THROWS_WITH(masked.tokens(ones({1})), "StringLookup: expected invert for tokens(), got none");
    const auto copy = adapted.clone();
    CHECK(dynamic_cast<StringLookup&>(*copy).vocabulary() == adapted.vocabulary());
}

TEST_CASE("integers are looked up", "[preprocessing]") {
    const Tensor data = tensor<std::int64_t>({{12, 1138, 42}, {42, 1000, 36}});
    CHECK(ints(IntegerLookup({.vocabulary = {12, 36, 1138, 42}})(data)) == Ints{1, 3, 4, 4, 0, 2});  // Keras
    IntegerLookup adapted;
    adapted.adapt(data);
    CHECK(adapted.vocabulary() == Ints{-1, 42, 1138, 1000, 36, 12});  // Keras
    CHECK(ints(IntegerLookup({.vocabulary = {12, 36, 1138, 42}, .invert = true})(
              tensor<std::int64_t>({1, 3, 4, 0, 2}))) == Ints{12, 1138, 42, -1, 36});
}

TEST_CASE("texts become rows of numbers", "[preprocessing]") {
    TextVectorization words({.max_tokens = 5000, .output_sequence_length = 4});
    words.adapt({"foo bar", "bar baz", "baz bada boom"});
    CHECK(ints(words(Strings{"foo qux bar", "qux baz"})) == Ints{4, 1, 3, 0, 1, 2, 0, 0});  // Keras
    TextVectorization given({.output_sequence_length = 4, .vocabulary = {"earth", "wind", "and", "fire"}});
    CHECK(given.vocabulary() == Strings{"", "[UNK]", "earth", "wind", "and", "fire"});  // Keras
    CHECK(ints(given(Strings{"Earth, WIND & fire!"})) == Ints{2, 3, 5, 0});
    CHECK(ints(given(Strings{"a b c d e f"})) == Ints{1, 1, 1, 1});
    const TextVectorization pairs({.ngrams = {1, 2}, .vocabulary = {"new", "york", "new york"}});
    CHECK(ints(pairs(Strings{"New York"})) == Ints{2, 3, 4});
    const TextVectorization letters({.split = "character", .vocabulary = {"ü", "a"}});
    CHECK(ints(letters(Strings{"aü", "z"})) == Ints{3, 2, 1, 0});
    const TextVectorization counts({.output_mode = "count", .vocabulary = {"a", "b"}});
    CHECK(apart(counts(Strings{"a a q", "b"}), tensor({{1, 2, 0}, {0, 0, 1}})) == 0);
    const TextVectorization as_it_is({.standardize = "none", .split = "none", .vocabulary = {"A b!"}});
    CHECK(ints(as_it_is(Strings{"A b!", "a b"})) == Ints{2, 1});
    const auto copy = words.clone();
    CHECK(array_equal(dynamic_cast<TextVectorization&>(*copy)(Strings{"foo boom"}), words(Strings{"foo boom"})));
    const TextVectorization twos({.ngrams = {2}, .vocabulary = {"a b"}});
    CHECK(ints(dynamic_cast<TextVectorization&>(*twos.clone())(Strings{"a b c"})) == Ints{2, 1});
    CHECK_THROWS_WITH(TextVectorization({.split = "words"}),
                      "TextVectorization: expected split whitespace, character or none, got words");
    CHECK_THROWS_WITH(
        TextVectorization({.standardize = "upper"}),
        "TextVectorization: expected standardize lower_and_strip_punctuation, lower, strip_punctuation or "
        "none, got upper");
    CHECK_THROWS_WITH(TextVectorization({.output_mode = "one_hot"}),
                      "TextVectorization: expected output_mode int, multi_hot, count or tf_idf, got one_hot");
    CHECK_THROWS_WITH(TextVectorization({.output_mode = "count", .output_sequence_length = 3}),
                      "TextVectorization: expected an output_sequence_length with output_mode int, got 3");
    const TextVectorization up_to_two({.ngrams = 2, .vocabulary = {"new", "york", "new york"}});
    CHECK(ints(up_to_two(Strings{"New York"})) == Ints{2, 3, 4});
    const auto written =
        make_module("TextVectorization", Config::parse(R"({"ngrams": 2, "vocabulary": ["a b", "b"]})"));
    CHECK(ints(dynamic_cast<TextVectorization&>(*written)(Strings{"a b"})) == Ints{1, 3, 2});
    CHECK_THROWS_WITH(TextVectorization({.ngrams = {0}}), "TextVectorization: expected ngrams > 0, got 0");
    CHECK_THROWS_WITH(TextVectorization({.ngrams = 0}), "TextVectorization: expected ngrams > 0, got 0");
    CHECK_THROWS_WITH(TextVectorization({.ngrams = -2}), "TextVectorization: expected ngrams > 0, got -2");
}

TEST_CASE("Rescaling has numbers for the last axis, Normalization for all of its axes", "[preprocessing]") {
    const Tensor x = tensor({{1, 2}, {3, 4}});
    CHECK(array_equal(Rescaling({.scale = {10, 100}, .offset = {1}})(x), tensor({{11, 201}, {31, 401}})));
    CHECK_THROWS_WITH(Rescaling({.scale = {1, 2, 3}})(x),
                      "Rescaling: expected one number or one for each entry of the last axis, got 3 and input (2, 2)");
    CHECK_THROWS_WITH(Rescaling({.scale = {}}), "Rescaling: expected scale and offset, got an empty list");
    const auto means = Json::parse(R"({"axis": [1, 2], "mean": [[1, 2]], "variance": [[4, 1]]})");
    const auto normalized = make_module("Normalization", Config(means));
    CHECK(array_equal((*normalized)(reshape(x, {2, 1, 2})), reshape(tensor({{0, 0}, {1, 2}}), {2, 1, 2})));
}

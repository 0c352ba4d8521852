#include <set>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("the embedded data sets are whole", "[data]") {
    const auto rows = [](const Split& s) { return s.train.size() + s.test.size(); };
    const Split digits = data::digits(), iris = data::iris(), wine = data::wine(), cancer = data::breast_cancer(),
                diabetes = data::diabetes();
    CHECK(rows(digits) == 1797);
    CHECK(digits.train.x.shape()[1] == 64);
    CHECK(max(digits.train.x).item() == 1);
    CHECK(rows(iris) == 150);
    CHECK(rows(wine) == 178);
    CHECK(rows(cancer) == 569);
    CHECK(rows(diabetes) == 442);
    CHECK(diabetes.train.y.shape() == Shape{diabetes.train.size(), 1});
    // Fisher's means, all 150 flowers.
    const Tensor all_x = concatenate({iris.train.x, iris.test.x});
    CHECK(mean(all_x, 0)(0).item() == Approx(5.8433).epsilon(1e-4));
    // Stratified: ten of each species in the test part.
    for (int k = 0; k < 3; ++k) CHECK(sum(iris.test.y == k).item() == 10);
    CHECK_THROWS_WITH(data::iris({.test = 2}), "split: expected 0 <= test <= 1, got 2");
}

TEST_CASE("standardise uses the training part alone", "[data]") {
    const Split s = standardise(data::wine());
    CHECK(max(abs(mean(s.train.x, 0))).item() < 1e-5);
    CHECK(max(abs(stddev(s.train.x, 0) - 1)).item() < 1e-4);
    CHECK(max(abs(mean(s.test.x, 0))).item() > 1e-3);
}

TEST_CASE("csv reads headers, quotes, gaps and words, and says where it is wrong", "[data]") {
    const CsvTable t = parse_csv("a,\"b, c\",word\r\n1,2.5,\"x \"\"y\"\"\"\n-3,,z\n", "t.csv");
    CHECK(t.names == std::vector<std::string>{"a", "b, c", "word"});
    CHECK(t["a"].dtype() == i64);
    CHECK(t["a"](1).item<int>() == -3);
    CHECK(t["b, c"](0).item() == 2.5);
    CHECK(isnan(t["b, c"])(1).item<bool>());
    CHECK(t.words[2] == std::vector<std::string>{"x \"y\"", "z"});
    CHECK(t.features({"word"}).shape() == Shape{2, 2});
    CHECK_THROWS_WITH(t["d"], "csv: expected a column of a, b, c, word, got \"d\"");
    CHECK_THROWS_WITH(parse_csv("a,b\n1\n", "t.csv"), "t.csv: csv: expected 2 cells, got 1 in line 2");
    CHECK_THROWS_WITH(parse_csv("a\n\"1", "t.csv"),
                      "t.csv: csv: expected a closing quote, got the end of a cell opened in line 2, column 1");
    CHECK_THROWS_WITH(parse_csv("a\n\"1\"x\n", "t.csv"),
                      "t.csv: csv: expected a separator after a quoted cell, got 'x' in line 2, column 1");
    CHECK_THROWS_WITH(parse_csv("a\n", "t.csv"), "t.csv: csv: expected at least one row of data, got none");
    CHECK_THROWS_AS(read_csv("/nowhere/t.csv"), FileError);
}

TEST_CASE("a loader's order depends on the seed and the epoch alone", "[data]") {
    const Dataset d{reshape(arange(10), {10, 1}), arange(10)};
    const auto rows_of = [](auto&& pass) {
        std::vector<std::int64_t> all_rows;
        for (auto [x, y] : pass)
            all_rows.insert(all_rows.end(), y.template raw<std::int64_t>(), y.template raw<std::int64_t>() + y.numel());
        return all_rows;
    };
    DataLoader loader(d, {.batch_size = 4, .shuffle = true, .seed = 3});
    const auto first = rows_of(loader), second = rows_of(loader);
    CHECK(first != second);
    CHECK(std::set(first.begin(), first.end()).size() == 10);
    CHECK(rows_of(loader.epoch(0)) == first);
    CHECK(loader.batches() == 3);
    CHECK(DataLoader(d, {.batch_size = 4, .drop_remainder = true}).batches() == 2);
    CHECK_THROWS_WITH(DataLoader(d, {.batch_size = 0}), "DataLoader: expected batch_size > 0, got 0");
}

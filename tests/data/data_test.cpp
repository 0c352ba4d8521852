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
    CHECK(t.place("word") == 2);
    const CsvTable loose = parse_csv(
        "\xEF\xBB\xBF"
        "n, x\n 1, +2.5\n2 ,\t1e-60\n",
        "t.csv");
    CHECK(loose.names[0] == "n");
    CHECK(loose["n"].dtype() == i64);
    CHECK(loose[" x"](0).item() == 2.5);
    CHECK(loose[" x"](1).item() == 0);
    CHECK_THROWS_WITH(parse_csv("a,b\n1\n", "t.csv"), "t.csv: csv: expected 2 cells, got 1 in line 2");
    CHECK_THROWS_WITH(parse_csv("a\n\"1", "t.csv"),
                      "t.csv: csv: expected a closing quote, got the end of a cell opened in line 2, column 1");
    CHECK_THROWS_WITH(parse_csv("a\n\"1\"x\n", "t.csv"),
                      "t.csv: csv: expected a separator after a quoted cell, got 'x' in line 2, column 1");
    CHECK_THROWS_WITH(parse_csv("a\n", "t.csv"), "t.csv: csv: expected at least one row of data, got none");
    CHECK_THROWS_AS(read_csv("/nowhere/t.csv"), FileError);
}

TEST_CASE("csv takes no column of numbers for words because of a slip of the pen", "[data]") {
    const auto fails = [](const std::string& text, const std::string& what, CsvOptions options = {}) {
        CHECK_THROWS_WITH(parse_csv(text, "t.csv", options), "t.csv: csv: " + what);
    };
    const std::string mix = "expected all numbers or all words in column ";
    fails("a,b\n1,2\n3,4\n5,6x\n",
          mix + "\"b\" unless listed in text, got \"2\" in line 2 and \"6x\" in line 4, column 2");
    // Lines are those of the file, whatever stands in them.
    fails("a\r\n\r\n\"1\"\r\n\r\n1,5\r\n", "expected 1 cells, got 2 in line 5");
    fails("a,b\n\"x\ny\",1\nz,l\n",
          mix + "\"b\" unless listed in text, got \"1\" in line 2 and \"l\" in line 4, column 2");
    fails("a\n\nNA\n3\n", mix + "\"a\" unless listed in text, got \"NA\" in line 3 and \"3\" in line 4, column 1");
    fails("a\n1\n1e99\n", mix + "\"a\" unless listed in text, got \"1\" in line 2 and \"1e99\" in line 3, column 1");
    fails("1\n2\nx\n", mix + "\"0\" unless listed in text, got \"1\" in line 1 and \"x\" in line 3, column 1",
          {.header = false});
    const CsvTable codes = parse_csv("zip,n\n123,1\nK1A,2\n123,\n", "t.csv", {.text = {"zip"}});
    CHECK(codes.words[0] == std::vector<std::string>{"123", "K1A"});
    CHECK(codes["zip"](2).item<int>() == 0);
    CHECK(codes["n"].dtype() == f32);
    const CsvTable gaps = parse_csv("a\nNA\n3\n", "t.csv", {.missing = "NA"});
    CHECK(gaps["a"](1).item() == 3);
    CHECK_THROWS_WITH(parse_csv("a\n1\n", "t.csv", {.text = {"b"}}), "csv: expected a column of a, got \"b\"");
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

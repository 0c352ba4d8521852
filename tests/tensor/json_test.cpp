#include "../../tensor/json.h"
#include <cmath>
#include <sstream>
#include "../catch.h"

using namespace xg;
using Catch::Matchers::StartsWith;

TEST_CASE("JSON keeps what it reads, names in their order", "[json]") {
    for (const char* text : {R"({"b":1,"a":[true,null,-2.5,"x\n\u00e9"],"c":{"d":{}}})", "[]", "9223372036854775807",
                             "0.1", "1e+100", "\"\""}) {
        const std::string written = Json::parse(text).dump();
        CHECK(Json::parse(written) == Json::parse(text));
        CHECK(Json::parse(written).dump() == written);
    }
    CHECK(Json::parse(R"({"b": 1, "a": 2})").dump() == R"({"b":1,"a":2})");
    CHECK(Json{{"x", 1}, {"y", {1, 2}}}.dump(1) == "{\n \"x\": 1,\n \"y\": [\n  1,\n  2\n ]\n}");
    CHECK(Json(std::vector{NAN, INFINITY, 2.0F}).dump() == "[null,null,2.0]");
    for (const Json& beyond : {Json::parse("18446744073709551615"), Json(std::uint64_t(-1))})
        CHECK(beyond.number() == 18446744073709551615.0);
    std::ostringstream out;
    out << Json{{"x", nullptr}};
    CHECK(out.str() == R"({"x":null})");
}
TEST_CASE("braces make an array, and of pairs that begin with a name an object", "[json]") {
    CHECK(Json{1, 2}.is_array());
    CHECK(Json{{"a", 1}}.is_object());
    CHECK(Json{{"a", 1}, {2, 3}}.is_array());
    Json j;
    j["list"].push_back(1);
    j["list"].push_back("two");
    j["inner"]["deep"] = std::vector<std::string>{"p", "q"};
    CHECK(j == Json::parse(R"({"inner": {"deep": ["p", "q"]}, "list": [1, "two"]})"));
    CHECK(j["list"].back() == "two");
    j.erase("inner");
    CHECK(j.size() == 1);
    CHECK_FALSE(j.contains("inner"));
    CHECK(j.find("inner") == nullptr);
}
TEST_CASE("JSON is equal by value", "[json]") {
    CHECK(Json(1) == Json(1.0));
    CHECK(Json{{"a", 1}, {"b", 2}} == Json{{"b", 2.0}, {"a", 1}});
    CHECK(Json{{"a", 1}} != Json{{"a", 1}, {"b", 2}});
    CHECK(Json{{"a", 1}} != Json{{"b", 1}});
    CHECK(Json{{"a", 1}} != Json{{"a", 2}});
    CHECK(Json(1) != Json("1"));
    CHECK(Json(0) != Json(false));
}
TEST_CASE("JSON gives values by type", "[json]") {
    const Json j = Json::parse(R"({"n": 3, "x": 2.0, "s": "t", "list": [1, 2.5], "flag": true, "none": null})");
    CHECK(j["n"].get<int>() == 3);
    CHECK(j["x"].get<std::size_t>() == 2);
    CHECK(j["n"].get<float>() == 3);
    CHECK(j["list"].get<std::vector<double>>() == std::vector{1, 2.5});
    CHECK(j["none"].get<std::vector<int>>().empty());
    CHECK(j.value("s", "else") == "t");
    CHECK(j.value("missing", 1.5) == 1.5);
    CHECK(j["flag"].boolean());
}
TEST_CASE("JSON says what it is not", "[json]") {
    const Json j = Json::parse(R"({"s": "t", "list": [1, 2.5], "big": 3000000000})");
    CHECK_THROWS_WITH(j.at("missing"), "expected \"missing\", got none");
    CHECK_THROWS_WITH(j["list"].at(2), "expected at least 3 elements, got 2");
    CHECK_THROWS_WITH(j["s"].number(), "expected a number, got \"t\"");
    CHECK_THROWS_WITH(j["s"].boolean(), "expected a bool, got \"t\"");
    CHECK_THROWS_WITH(j["list"][1].integer(), "expected a whole number, got 2.5");
    CHECK_THROWS_WITH(j["list"].string(), "expected a string, got [1,2.5]");
    CHECK_THROWS_WITH(j["list"].items(), "expected an object, got [1,2.5]");
    CHECK_THROWS_WITH(j["s"].size(), "expected a list, got \"t\"");
    CHECK_THROWS_WITH(j["big"].get<int>(), "expected a number that fits, got 3000000000");
    CHECK_THROWS_WITH(Json("\xff").dump(), StartsWith("expected text in UTF-8: "));
    const auto byte = [](const std::string& text) {
        try {
            Json::parse(text);
        } catch (const JsonError& e) { return e.byte; }
        return std::int64_t(-1);
    };
    CHECK_THROWS_WITH(Json::parse("{\n\"a\": nul}"),
                      StartsWith("expected JSON, got a parse error at line 2, column 9: "));
    CHECK(byte("[1, x]") == 4);
    CHECK(byte("") == 0);
    CHECK(byte("[1e999]") == 5);
    CHECK_THROWS_WITH(Json::parse(R"({"a": {"b": 1, "c": 2, "b": 3}})"), "expected each name once, got \"b\" twice");
    CHECK(byte(R"({"b": 1, "b": 2})") == 9);
    for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{\"a\":", "}")}) {
        std::string text = "1";
        for (int i = 0; i < Json::deepest; ++i) text = open + text + close;
        CHECK_NOTHROW(Json::parse(text));
        CHECK_THROWS_WITH(Json::parse(open + text + close), "expected JSON nested at most 200 deep, got more");
    }
}

#include <filesystem>
#include <fstream>
#include "../../io/bytes.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
const std::string fixtures = XGRAD_SOURCE_DIR "/tests/io/fixtures/";
std::vector<double> list(const Tensor& t) {
    const Tensor d = t.to(f64);
    return {d.data<double>().begin(), d.data<double>().end()};
}
using List = std::vector<double>;
std::string path_of(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("xgrad_npy_" + name)).string();
}
void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
}  // namespace

TEST_CASE("NumPy's files are read", "[npy]") {
    const auto load = [](const char* name) { return load_npy(fixtures + name + ".npy"); };
    CHECK(load("c_f4").shape() == Shape{2, 3});
    CHECK(list(load("c_f4")) == List{0, 0.25, 0.5, 0.75, 1, 1.25});
    CHECK(load("fortran_f8").shape() == Shape{2, 3});
    CHECK(list(load("fortran_f8")) == List{0, 1, 2, 3, 4, 5});
    CHECK(load("big_i4").dtype() == i32);
    CHECK(list(load("big_i4")) == List{1, -2, 70000});
    CHECK(load("half").dtype() == f32);
    CHECK(list(load("half")) == List{0.5, -2, 65504});
    CHECK(load("bools").dtype() == boolean);
    CHECK(list(load("bools")) == List{1, 0});
    CHECK(load("scalar").shape() == Shape{});
    CHECK(load("scalar").item<std::int64_t>() == 7);
    CHECK(load("empty").shape() == Shape{0, 3});
    CHECK_THROWS_WITH(load("object"),
                      ContainsSubstring("npy: expected numbers or bools of up to 64 bits, got descr \"|O\""));
}

TEST_CASE("NumPy's archives are read, stored and compressed", "[npy]") {
    const auto stored = load_npz(fixtures + "stored.npz"), packed = load_npz(fixtures + "packed.npz");
    CHECK(stored[0].first == "a");
    CHECK(list(stored[1].second) == List{1, -2, 70000});
    CHECK(packed[0].second.shape() == Shape{100, 3});
    CHECK(list(packed[1].second) == List{0.5, -2, 65504});
}

TEST_CASE("arrays and archives come back as they were", "[npy]") {
    for (const DType d : {f32, f64, i32, i64, u8, boolean})
        for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 0}, Shape{2, 3, 4}}) {
            const Tensor x = (uniform(shape, 0, 2, f64) * 3).to(d);
            const std::string path = path_of("x.npy");
            save_npy(path, x);
            CHECK(read_file(path).size() % 64 == std::size_t(x.numel()) * size_of(d) % 64);
            const Tensor y = load_npy(path);
            CHECK(y.dtype() == d);
            CHECK(y.shape() == shape);
            CHECK(all(y == x).item<bool>());
        }
    for (const bool compress : {false, true}) {
        const std::string path = path_of("x.npz");
        save_npz(path, {{"w/kernel", randn({3, 2})}, {"n", arange(1000)}}, compress);
        const auto back = load_npz(path);
        CHECK(back[0].first == "w/kernel");
        CHECK(all(back[1].second == arange(1000)).item<bool>());
        CHECK((std::filesystem::file_size(path) < 4000) == compress);
    }
    CHECK_THROWS_WITH(save_npz(path_of("x.npz"), {{"a", ones({1})}, {"a", ones({1})}}),
                      "save_npz: expected different names, got \"a\" twice");
}

TEST_CASE("npy and npz files cut or damaged anywhere are refused or read, never more", "[npy]") {
    for (const std::string name : {"c_f4.npy", "fortran_f8.npy", "packed.npz", "stored.npz"}) {
        const bool archive = name.ends_with("npz");
        const std::string whole = read_file(fixtures + name), path = path_of("damaged." + name);
        const auto load = [&] { return archive ? load_npz(path).at(0).second : load_npy(path); };
        for (std::size_t n = 0; n < whole.size(); ++n) {
            put(path, whole.substr(0, n));
            CHECK_THROWS_AS(load(), FileError);
        }
        for (std::size_t i = 0; i < whole.size(); ++i) {
            std::string damaged = whole;
            damaged[i] = char(damaged[i] ^ 0x11);
            put(path, damaged);
            try {
                load();
            } catch (const FileError&) {}
        }
        std::filesystem::remove(path);
    }
}

TEST_CASE("npy headers that lie are refused", "[npy]") {
    const auto with = [](std::string header, std::size_t data) {
        const auto n = std::uint16_t(header.size());
        const std::string path = path_of("lie.npy");
        put(path, std::string("\x93NUMPY\x01\x00", 8) + std::string(reinterpret_cast<const char*>(&n), 2) + header +
                      std::string(data, '\0'));
        return path;
    };
    const auto refused = [&](const std::string& header, std::size_t data, const std::string& why) {
        CHECK_THROWS_WITH(load_npy(with(header, data)), ContainsSubstring(why));
    };
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4,
            "npy: expected 8 bytes of data for shape (2,), got 4");
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627775, 1099511627775), }", 4,
            "npy: expected a size that fits the file");
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 4,
            "npy: expected an extent below 2^63 in the header");
    refused("{'descr': '<f4', 'fortran_order': False}", 4,
            "npy: expected a header with descr, fortran_order and shape");
    refused("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}", 4,
            "npy: expected one of the keys descr, fortran_order and shape in the header, got \"more\"");
    refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", 4,
            "npy: expected a plain name in quotes in the header");
    refused("{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}", 4, "npy: expected True or False in the header");
    CHECK_THROWS_WITH(load_npy(fixtures + "stored.npz"),
                      ContainsSubstring("npy: expected the file to begin with \\x93NUMPY, got another"));
    CHECK_THROWS_WITH(load_npz(fixtures + "c_f4.npy"), ContainsSubstring("npz: expected a zip archive, got "));
    // What Python 2 wrote, in any order of keys.
    CHECK(load_npy(with("{\"shape\": (2L,), 'fortran_order': False, 'descr': '<f4'}\n", 8)).shape() == Shape{2});
}

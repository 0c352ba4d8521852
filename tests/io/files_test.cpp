#include <sys/resource.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include "../../io/bytes.h"
#include "../../io/event_file.h"
#include "../../io/idx.h"
#include "../../io/safetensors.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
std::string path_of(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("xgrad_io_" + name)).string();
}
void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
}  // namespace

TEST_CASE("safetensors come back as they were", "[io]") {
    const std::string path = path_of("a.safetensors");
    const NamedTensors in{{"w", randn({2, 3})},
                          {"n", tensor<std::int64_t>({1, -2})},
                          {"d", randn({2}, f64)},
                          {"flag", tensor<bool>({true, false, true})},
                          {"scalar", full({}, 7)},
                          {"nothing", zeros({0, 4})},
                          {"b", tensor<std::uint8_t>({200})}};
    save_safetensors(path, in, {{"made", "by a test"}});
    const auto out = load_safetensors(path);
    CHECK(out.size() == in.size());
    for (auto& [name, t] : in)
        for (auto& [other, u] : out)
            if (name == other) {
                CHECK(u.dtype() == t.dtype());
                CHECK(u.shape() == t.shape());
                CHECK(all(u == t).item<bool>());
            }
    // A file cut anywhere, or with a byte of its header flipped, is refused or read; never more.
    const std::string whole = read_file(path);
    for (std::size_t n = 0; n < whole.size(); ++n) {
        put(path, whole.substr(0, n));
        CHECK_THROWS_AS(load_safetensors(path), FileError);
    }
    for (std::size_t i = 0; i < 200; ++i) {
        std::string damaged = whole;
        damaged[i] = char(damaged[i] ^ 0x15);
        put(path, damaged);
        try {
            load_safetensors(path);
        } catch (const FileError&) {}
    }
    std::filesystem::remove(path);
}

TEST_CASE("safetensors that lie are refused", "[io]") {
    const std::string path = path_of("lie.safetensors");
    const auto file = [&](std::string header, std::size_t data) {
        const std::uint64_t n = header.size();
        put(path, std::string(reinterpret_cast<const char*>(&n), 8) + header + std::string(data, '\0'));
        return path;
    };
    CHECK_THROWS_WITH(load_safetensors(file(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4)),
                      ContainsSubstring("safetensors: expected 8 bytes for \"a\", got 4"));
    CHECK_THROWS_WITH(
        load_safetensors(file(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)),
        ContainsSubstring("safetensors: expected \"a\" to begin where the tensor before ends, at 0, got 4"));
    CHECK_THROWS_WITH(load_safetensors(file(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8)),
                      ContainsSubstring("safetensors: expected the last tensor to end the file, got 4 bytes more"));
    CHECK_THROWS_WITH(
        load_safetensors(file(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1)),
        ContainsSubstring(
            "safetensors: expected dtype F64, F32, F16, BF16, I64, I32, U8 or BOOL for \"a\", got F8_E4M3"));
    CHECK_THROWS_WITH(
        load_safetensors(file(
            R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})",
            1)),
        ContainsSubstring("safetensors: expected each name once, got \"a\" twice"));
    CHECK_THROWS_WITH(
        load_safetensors(file(R"({"a":{"dtype":"F64","shape":[549755813888,549755813888],"data_offsets":[0,0]}})", 0)),
        ContainsSubstring("safetensors: expected a size that fits the file for \"a\""));
    std::filesystem::remove(path);
}

TEST_CASE("half and brain floats become float32", "[io]") {
    const std::string
        path = path_of("half.safetensors"),
        header =
            R"({"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]}})";
    const std::uint64_t n = header.size();
    put(path, std::string(reinterpret_cast<const char*>(&n), 8) + header + std::string("\x00\x3e\xc0\x3f", 4));
    const auto t = load_safetensors(path);
    CHECK(t[0].second.item() == 1.5);
    CHECK(t[1].second.item() == 1.5);
    std::filesystem::remove(path);
}

TEST_CASE("idx files are read, and refused when they lie", "[io]") {
    const std::string path = path_of("t.idx");
    put(path, std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x03", 12) + "abcdef");
    const Tensor t = read_idx(path);
    CHECK(t.dtype() == u8);
    CHECK(t.shape() == Shape{2, 3});
    CHECK(t(1, 2).item<int>() == 'f');
    put(path, std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x04", 12) + "abcdef");
    CHECK_THROWS_WITH(read_idx(path), path + ": idx: expected 8 bytes of data for shape (2, 4), got 6 at byte 12");
    put(path, "what");
    CHECK_THROWS_WITH(read_idx(path),
                      path + ": idx: expected a magic number 0000 with type 08, 0c, 0d or 0e, got 77686174 at byte 4");
    std::filesystem::remove(path);
}

TEST_CASE("a file is replaced whole or left as it was", "[io]") {
    const std::string path = path_of("kept");
    write_file(path, "old");
    CHECK_THROWS_AS(write_file("/dev/null/x", "new"), FileError);
    CHECK_THROWS_AS(write_file(path + "/x", "new"), FileError);
    // A disk that is full after a thousand bytes.
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &full);
    CHECK_THROWS_WITH(write_file(path, std::string(10'000, 'x')),
                      ContainsSubstring("file: expected to write it, got \"File too large\""));
    CHECK_THROWS_AS(save_safetensors(path, {{"w", zeros({1000})}}), FileError);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(read_file(path) == "old");
    write_file(path, "new");
    CHECK(read_file(path) == "new");
    for (auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()))
        CHECK(entry.path().string().find("xgrad_io_kept.tmp") == std::string::npos);
    std::filesystem::remove(path);
}

TEST_CASE("event files carry the published checksum", "[io]") {
    CHECK(crc32c("123456789") == 0xE3069283);
    const std::string folder = path_of("events");
    std::filesystem::remove_all(folder);
    { EventFile(folder).scalar("loss", 0.5, 3); }
    const std::string bytes = read_file(std::filesystem::directory_iterator(folder)->path());
    // A record: its length, a checksum of that, the event, a checksum of it; the first names the format.
    CHECK(bytes.substr(0, 12) == std::string("\x18\0\0\0\0\0\0\0\xa3\x7f\x4b\x22", 12));
    CHECK(bytes.substr(21, 15) ==
          "\x1a\x0d"
          "brain.Event:2");
    CHECK(bytes.find("loss") != std::string::npos);
    std::filesystem::remove_all(folder);
}

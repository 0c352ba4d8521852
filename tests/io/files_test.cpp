#include <sys/resource.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include "../../io/bytes.h"
#include "../../io/crc32c.h"
#include "../../io/event_file.h"
#include "../../io/idx.h"
#include "../../io/safetensors.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;
using Catch::Matchers::EndsWith;

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

TEST_CASE("safetensors that lie are refused, and the byte is named", "[io]") {
    const std::string path = path_of("lie.safetensors");
    const auto sized = [&](std::uint64_t n, const std::string& rest) {
        put(path, std::string(reinterpret_cast<const char*>(&n), 8) + rest);
    };
    struct Row {
        std::string header;
        std::size_t data;
        std::string text;
    };
    const std::vector<Row> table{
        {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "expected 8 bytes for \"a\", got 4 at byte 9"},
        {R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}, "a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
         8, "expected \"a\" to begin where the tensor before ends, at 1, got 4 at byte 62"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8,
         "expected the last tensor to end the file, got 4 bytes more at byte 66"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 3,
         "expected 4 bytes of \"a\", got the 3 left of the file at byte 62"},
        {R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1,
         "expected dtype F64, F32, F16, BF16, I64, I32, U8 or BOOL for \"a\", got F8_E4M3 at byte 9"},
        {R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})",
         1, "expected each name once, got \"a\" twice at byte 60"},
        {R"({"a":{"dtype":"F64","shape":[549755813888,549755813888],"data_offsets":[0,0]}})", 0,
         "expected a size that fits the file for \"a\", got shape (549755813888, 549755813888) at byte 9"},
        {R"({"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,0]}})", 0,
         "expected extents below 2^40 for \"a\", got shape (1099511627776,) at byte 9"},
        {R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1,
         "expected at most 8 axes for \"a\", got 9 at byte 9"},
        {R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1,
         "expected dtype, shape and data_offsets for \"a\", got others at byte 9"},
        {R"({"a":{"x":{"y":1}}})", 0, "expected dtype, shape and data_offsets for \"a\", got others at byte 9"},
        {R"({"__metadata__":{"n":1}})", 0, "expected metadata of strings, got others at byte 9"},
        {"[]", 0, "expected a header that begins with an object, got another at byte 8"},
    };
    for (const Row& row : table) {
        sized(row.header.size(), row.header + std::string(row.data, '\0'));
        CHECK_THROWS_WITH(load_safetensors(path), path + ": safetensors: " + row.text);
    }
    // What the JSON library says is its own; where it stopped is ours to check.
    for (const auto& [header, place] : {std::pair(R"({"a":tru})", 8 + 8), std::pair(R"({"a":1e999})", 8 + 9)}) {
        sized(std::string(header).size(), header);
        CHECK_THROWS_WITH(load_safetensors(path), ContainsSubstring("safetensors: expected JSON, got a ") &&
                                                      EndsWith("at byte " + std::to_string(place)));
    }
    sized(10, "{}");
    CHECK_THROWS_WITH(load_safetensors(path),
                      path + ": safetensors: expected a header of at most 2 bytes, got 10 at byte 0");
    // The format's limit holds however large the file is.
    sized(100'000'001, "{}");
    std::filesystem::resize_file(path, 100'000'100);
    CHECK_THROWS_WITH(load_safetensors(path),
                      path + ": safetensors: expected a header of at most 100000000 bytes, got 100000001 at byte 0");
    put(path, "1234");
    CHECK_THROWS_WITH(load_safetensors(path), path + ": expected 8 more bytes, got 4 at byte 0");
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

TEST_CASE("writing through a link keeps the link", "[io]") {
    namespace fs = std::filesystem;
    const fs::path folder = path_of("links");
    fs::remove_all(folder);
    fs::create_directories(folder / "elsewhere");
    const auto link = [&](const char* to, const char* name) {
        fs::create_symlink(to, folder / name);
        return (folder / name).string();
    };
    put(folder / "elsewhere/real", "old");
    fs::permissions(folder / "elsewhere/real", fs::perms::owner_read | fs::perms::owner_write);
    const std::string relative = link("elsewhere/real", "relative"), twice = link("relative", "twice"),
                      dangling = link("elsewhere/new", "dangling"), loop = link("loop", "loop");
    const std::string absolute = link((folder / "elsewhere/real").c_str(), "absolute");
    int n = 0;
    for (const std::string& path : {relative, twice, absolute}) {
        const std::string text = std::to_string(n++);
        write_file(path, text);
        CHECK(fs::is_symlink(path));
        CHECK(read_file(folder / "elsewhere/real") == text);
    }
    CHECK(fs::status(folder / "elsewhere/real").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    write_file(dangling, "new");
    CHECK(fs::is_symlink(dangling));
    CHECK(read_file(folder / "elsewhere/new") == "new");
    CHECK(std::distance(fs::directory_iterator(folder / "elsewhere"), {}) == 2);
    CHECK_THROWS_WITH(write_file(loop, "x"),
                      loop + ": file: expected to follow it, got \"Too many levels of symbolic links\"");
    CHECK_THROWS_WITH(write_file(folder / "elsewhere", "x"),
                      (folder / "elsewhere").string() + ": file: expected a regular file to replace, got another");
    CHECK_THROWS_WITH(write_file("/dev/null", "x"), "/dev/null: file: expected a regular file to replace, got another");
    fs::remove_all(folder);
}

TEST_CASE("gzip files are read whole, all their members", "[io]") {
    // Packed by Python's gzip: "hello " and "world".
    const std::string hello(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x57\x00\x00\xf6\xf9\x81\xed\x06\x00\x00\x00", 26),
        world("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x2b\xcf\x2f\xca\x49\x01\x00\x43\x11\x77\x3a\x05\x00\x00\x00",
              25);
    const std::string path = path_of("members.gz");
    const auto unpacked = [&](const std::string& bytes) {
        put(path, bytes);
        return read_file(path);
    };
    CHECK(unpacked(hello) == "hello ");
    CHECK(unpacked(hello + world) == "hello world");
    CHECK(unpacked(hello + world + hello) == "hello worldhello ");
    CHECK(unpacked(hello + world + std::string(512, '\0')) == "hello world");
    const auto at = [](std::size_t byte) {
        return EndsWith(": gzip: expected a whole stream, got a damaged or cut one at byte " + std::to_string(byte));
    };
    for (std::size_t cut = 1; cut < world.size(); ++cut)
        CHECK_THROWS_WITH(unpacked(hello + world.substr(0, cut)), at(hello.size() + cut));
    CHECK_THROWS_WITH(unpacked(hello + "garbage"), at(hello.size() + 2));
    CHECK_THROWS_AS(unpacked(""), FileError);
    CHECK_THROWS_WITH(gunzip(hello + world, "x.gz", 8), "x.gz: gzip: expected at most 8 bytes, got more at byte " +
                                                            std::to_string(hello.size() + world.size()));
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

#include <ctime>
#include <filesystem>
#include "../../io/bytes.h"
#include "../../io/npy_format.h"
#include "../../io/safetensors.h"
#include "../../io/state.h"
#include "../../xgrad.h"
#include "../allocations.h"
#include "../catch.h"
#include "../sanitized.h"
#include "../fuzz/readers.h"
using namespace xg;
namespace fs = std::filesystem;

namespace {
#ifdef XGRAD_SANITIZED
constexpr double longest = 20e-3;
#else
constexpr double longest = 1e-3;  // seconds a case
#endif
/// What libraries take to unpack anything: zlib's window, libjpeg's tables.
constexpr std::int64_t libraries = 1 << 17;

/// Time on a processor: other programs do not count.
double now() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}
struct Outcome {
    bool taken = false;
    double seconds = INFINITY;
    std::int64_t bytes = 0;
};
Outcome read(const test::Reader& reader, std::string_view bytes) {
    Outcome out;
    for (int repeat = 0; repeat < 5 && out.seconds > longest; ++repeat) {
        const test::Allocations allocations;
        const double began = now();
        try {
            reader.read(bytes);
            out.taken = true;
        } catch (const std::exception&) { out.taken = false; }
        out.seconds = std::min(out.seconds, now() - began);
        out.bytes = allocations.most();
    }
    return out;
}
/// Cut at each of `cuts`, and damaged in each of the first `head` bytes.
void damage(const test::Reader& reader, const std::string& whole, const std::vector<std::size_t>& cuts,
            std::size_t head) {
    Outcome worst{.seconds = 0};
    int cut_and_taken = 0;
    const auto see = [&](std::string_view bytes) {
        const Outcome out = read(reader, bytes);
        worst.seconds = std::max(worst.seconds, out.seconds), worst.bytes = std::max(worst.bytes, out.bytes);
        return out.taken;
    };
    for (const auto cut : cuts) cut_and_taken += see(std::string_view(whole).substr(0, cut));
    std::string damaged = whole;
    for (std::size_t i = 0; i < std::min(whole.size(), head); ++i) {
        for (const int bits : {1, 0x80, 0x55, 0xff}) {
            damaged[i] = char(whole[i] ^ bits);
            see(damaged);
        }
        damaged[i] = whole[i];
    }
    CHECK((cut_and_taken == 0 || !reader.whole));
    CHECK(worst.seconds < longest);
    CHECK(worst.bytes <= reader.bytes_a_byte * std::int64_t(whole.size()) + libraries);
}
}  // namespace

TEST_CASE("a file that is cut at any byte, or damaged in its first ones, is refused or read, at once", "[io]") {
    for (const auto& reader : test::readers())
        for (const auto& entry :
             fs::directory_iterator(fs::path(XGRAD_SOURCE_DIR) / "tests/fuzz/corpus" / reader.name)) {
            INFO(entry.path().string());
            const std::string whole = read_file(entry.path());
            std::vector<std::size_t> cuts(whole.size());
            for (std::size_t i = 0; i < cuts.size(); ++i) cuts[i] = i;
            damage(reader, whole, cuts, 600);
        }
}

TEST_CASE("a large file that lies about its size takes no more than twice its bytes", "[io]") {
    const Tensor numbers = uniform({500, 500});
    std::string idx{0, 0, 0x0d, 2, 0, 0, 1, char(0xf4), 0, 0, 1, char(0xf4)};
    idx.append(numbers.raw<char>(), 1'000'000);
    State state;
    state.set("numbers", numbers);
    const std::string path = (fs::temp_directory_path() / "xgrad_damage").string();
    save_state(path + ".state", state);
    save_npz(path + ".npz", {{"numbers", numbers}});
    const std::map<std::string, std::string> files{{"idx", idx},
                                                   {"npy", format_npy(numbers)},
                                                   {"safetensors", format_safetensors({{"numbers", numbers}})},
                                                   {"state", read_file(path + ".state")},
                                                   {"npz", read_file(path + ".npz")}};
    for (const auto& reader : test::readers())
        if (const auto file = files.find(reader.name); file != files.end()) {
            INFO(reader.name);
            const std::string& whole = file->second;
            test::Allocations allocations;
            reader.read(whole);
            CHECK(allocations.most() <= 2 * std::int64_t(whole.size()) + libraries);
            // A whole megabyte takes longer than a lie: only what is allocated counts here.
            std::int64_t most = 0;
            std::string damaged = whole;
            for (std::size_t i = 0; i < 160; ++i) {
                damaged[i] = char(whole[i] ^ 0x41);
                most = std::max(most, read(reader, damaged).bytes);
                damaged[i] = whole[i];
            }
            CHECK(most <= 2 * std::int64_t(whole.size()) + libraries);
        }
    for (const char* kind : {".state", ".npz"}) fs::remove(path + kind);
}

#include <ctime>
#include <filesystem>
#include <functional>
#include "../../io/bytes.h"
#include "../catch.h"
#include "../fuzz/readers.h"
using namespace xg;
namespace fs = std::filesystem;

TEST_CASE("a file that is cut at any byte, or damaged in its first ones, is refused or read, at once", "[io]") {
    struct Row {
        const char* name;
        void (*read)(std::string_view);
        bool cut_is_error;  // every cut one must be refused
    };
    for (const auto& row :
         {Row{"safetensors", readers::safetensors, true}, Row{"npy", readers::npy, true},
          Row{"npz", readers::npz, true}, Row{"idx", readers::idx, true}, Row{"csv", readers::csv, false},
          Row{"events", readers::events, false}, Row{"state", readers::state, true},
          Row{"image", readers::image, false}, Row{"config", readers::config, true}})
        for (const auto& entry : fs::directory_iterator(fs::path(XGRAD_SOURCE_DIR) / "tests/fuzz/corpus" / row.name)) {
            const std::string whole = read_file(entry.path());
            INFO(entry.path().string());
            std::int64_t cases = 0, not_refused = 0;
            const std::clock_t began = std::clock();  // time on a processor: other programs do not count
            const auto read = [&](std::string_view bytes) {
                ++cases;
                try {
                    row.read(bytes);
                    return true;
                } catch (const std::exception&) { return false; }
            };
            for (std::size_t n = 0; n < whole.size(); ++n) not_refused += read(std::string_view(whole).substr(0, n));
            for (std::size_t i = 0; i < std::min<std::size_t>(whole.size(), 400); ++i)
                for (const int bits : {1, 0x80, 0x55}) {
                    std::string damaged = whole;
                    damaged[i] = char(damaged[i] ^ bits);
                    read(damaged);
                }
            CHECK((not_refused == 0 || !row.cut_is_error));
            const double seconds = double(std::clock() - began) / CLOCKS_PER_SEC;
            CHECK(seconds / double(cases) < 1e-3);
        }
}

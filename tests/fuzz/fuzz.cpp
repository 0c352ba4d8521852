// fuzz READER LIBFUZZER_OPTIONS... CORPUS: what a reader does not take is an exception; anything else is a finding.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include "../../tensor/pool.h"
#include "readers.h"

namespace {
const xg::test::Reader* chosen = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    for (const auto& reader : xg::test::readers())
        if (*count > 1 && std::string_view((*arguments)[1]) == reader.name) chosen = &reader;
    if (!chosen) {
        std::fprintf(stderr, "fuzz: expected one of");
        for (const auto& reader : xg::test::readers()) std::fprintf(stderr, " %s", reader.name);
        std::fprintf(stderr, "\n");
        std::exit(2);
    }
    (*arguments)[1] = (*arguments)[0];
    ++*arguments, --*count;
    xg::set_memory_limit(std::int64_t(256) << 20);  // a configuration may ask for any size
    return 0;
}
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        chosen->read({reinterpret_cast<const char*>(data), size});
    } catch (const std::exception&) {}
    return 0;
}

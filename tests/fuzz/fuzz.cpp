// What a reader does not take is an exception; anything else is a finding.
#include "readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        xg::readers::READER({reinterpret_cast<const char*>(data), size});
    } catch (const std::exception&) {}
    return 0;
}

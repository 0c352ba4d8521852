#pragma once
#include <string>

namespace xg::test {

/// A call that fails: "open", "write", "fsync", "rename" with that errno, `times` times; "write" with 0 takes nothing;
/// "short write" takes one byte at a time.
struct Fault {
    std::string call;
    int error = 0;
    int times = 1;
};
/// While it lives, calls that concern a file whose path contains `where` fail so.
class Faults {
public:
    Faults(Fault fault, std::string where);
    ~Faults();
    Faults(const Faults&) = delete;
};

}  // namespace xg::test

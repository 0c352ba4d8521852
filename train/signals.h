#pragma once
#include <csignal>

namespace xg::detail {

/// While it lives, SIGINT and SIGTERM are remembered instead of ending the program; the second one is not asked to
/// wait. One that is ignored stays ignored.
class Signals {
public:
    Signals();
    ~Signals() { give_back(); }
    Signals(const Signals&) = delete;
    /// The one that came; 0 if none.
    int caught() const;
    /// To whoever dealt with it before: the end of the program, if nobody did.
    void hand_on(int signal) const {
        give_back();
        std::raise(signal);
    }

private:
    void give_back() const;
    struct sigaction before_[2];
};

}  // namespace xg::detail

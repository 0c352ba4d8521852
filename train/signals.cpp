#include "signals.h"

namespace xg::detail {

namespace {
constexpr int which[] = {SIGINT, SIGTERM};
volatile std::sig_atomic_t remembered = 0;

void remember(int signal) {
    if (remembered) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
    remembered = signal;
}
}  // namespace

Signals::Signals() {
    remembered = 0;
    struct sigaction ours {};
    ours.sa_handler = remember;
    ours.sa_flags = SA_RESTART;
    for (int i = 0; i < 2; ++i) {
        ::sigaction(which[i], nullptr, &before_[i]);
        if (before_[i].sa_handler != SIG_IGN) ::sigaction(which[i], &ours, nullptr);
    }
}
int Signals::caught() const { return remembered; }
void Signals::give_back() const {
    for (int i = 0; i < 2; ++i) ::sigaction(which[i], &before_[i], nullptr);
}

}  // namespace xg::detail

#pragma once
// What a program prints, on a terminal of so many columns or into a file.
#include <fcntl.h>
#include <pty.h>
#include <unistd.h>
#include <cstdio>
#include <functional>
#include <string>

namespace xg::test {

inline constexpr int no_terminal = 0;
inline std::string shown(int columns, const std::function<void()>& f) {
    int ends[2];
    winsize size{24, static_cast<unsigned short>(columns), 0, 0};
    if ((columns == no_terminal ? ::pipe(ends) : ::openpty(&ends[0], &ends[1], nullptr, nullptr, &size)) != 0)
        throw std::runtime_error("no terminal to test on");
    std::fflush(stdout);
    const int before = ::dup(STDOUT_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[1]);
    try {
        f();
    } catch (...) {
        std::fflush(stdout);
        ::dup2(before, STDOUT_FILENO);
        throw;
    }
    std::fflush(stdout);
    std::string text;
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(n));
    ::dup2(before, STDOUT_FILENO);
    ::close(before);
    ::close(ends[0]);
    return text;
}

}  // namespace xg::test

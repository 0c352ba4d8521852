#include "remote_monitor.h"
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include "../../tensor/json.h"

namespace xg {

namespace {
std::string percent_encoded(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) || std::strchr("-_.~", c)) out += c;
        else out += fmt::format("%{:02X}", std::uint8_t(c));
    }
    return out;
}
struct Socket {
    int fd;
    ~Socket() {
        if (fd >= 0) ::close(fd);
    }
};
/// What went wrong; "" if the server took it.
std::string post(const std::string& host, const std::string& port, const std::string& request, double timeout) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
        return ::gai_strerror(error);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
    std::string problem = "no address";
    for (const addrinfo* a = found; a; a = a->ai_next) {
        const Socket socket{::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol)};
        timeval limit{time_t(timeout), suseconds_t((timeout - double(time_t(timeout))) * 1e6)};
        ::setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        ::setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (socket.fd < 0 || ::connect(socket.fd, a->ai_addr, a->ai_addrlen) != 0) {
            problem = std::strerror(errno);
            continue;
        }
        for (std::size_t sent = 0; sent < request.size();) {
            const auto n = ::send(socket.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) return std::strerror(errno);
            sent += std::size_t(n);
        }
        char answer[64] = {};
        if (::recv(socket.fd, answer, sizeof answer - 1, 0) < 12) return "no answer";
        const std::string status(answer + 9, 3);
        return status[0] == '2' ? "" : "status " + status;
    }
    return problem;
}
}  // namespace

RemoteMonitor::RemoteMonitor(RemoteMonitorOptions options) : options_(std::move(options)) {
    const std::string scheme = "http://";
    std::string root = options_.root;
    require<std::invalid_argument>(root.starts_with(scheme) && root.size() > scheme.size(),
                                   "RemoteMonitor: expected a root http://HOST[:PORT], got \"{}\"", root);
    root = root.substr(scheme.size());
    const auto colon = root.rfind(':');
    host_ = root.substr(0, colon);
    port_ = colon == std::string::npos ? "80" : root.substr(colon + 1);
}
void RemoteMonitor::on_epoch_end(Fit& fit) {
    Json line{{"epoch", fit.epoch}};
    for (auto& [name, value] : fit.logs) line[name] = value;
    const bool json = options_.send_as_json;
    const std::string body = json ? line.dump() : options_.field + "=" + percent_encoded(line.dump());
    const std::string request = fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        options_.path, host_, port_, json ? "application/json" : "application/x-www-form-urlencoded", body.size(),
        body);
    const std::string problem = post(host_, port_, request, options_.timeout);
    if (problem.empty() || std::exchange(warned_, true)) return;
    fmt::print(stderr, "RemoteMonitor: expected {} to take the numbers, got \"{}\"\n", options_.root, problem);
}

}  // namespace xg

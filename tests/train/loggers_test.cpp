#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <filesystem>
#include <thread>
#include "../../io/bytes.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;
namespace fs = std::filesystem;

TEST_CASE("RemoteMonitor posts each epoch's numbers", "[train][callbacks]") {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 4) == 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::vector<std::string> requests;
    std::thread server([&] {
        for (int i = 0; i < 2; ++i) {
            const int connection = ::accept(listener, nullptr, nullptr);
            char buffer[4096];
            std::string request;
            while (request.find("\r\n\r\n") == std::string::npos || !request.ends_with(i ? "}" : "7D"))
                request.append(buffer, std::size_t(::read(connection, buffer, sizeof buffer)));
            requests.push_back(request);
            const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            (void)!::write(connection, answer.data(), answer.size());
            ::close(connection);
        }
    });
    const std::string root = fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port));
    const auto fit = [&](RemoteMonitorOptions o) {
        Model model{Sequential{Dense(1, {.kernel_initializer = Zeros()})}};
        model.compile({.loss = "mse"});
        model.fit(ones({1, 1}), zeros({1, 1}), {.callbacks = {RemoteMonitor(std::move(o))}, .verbose = 0});
    };
    fit({.root = root});
    fit({.root = root, .path = "/here", .send_as_json = true});
    server.join();
    ::close(listener);
    CHECK(requests[0].starts_with("POST /publish/epoch/end/ HTTP/1.1\r\nHost: 127.0.0.1:"));
    CHECK_THAT(requests[0], ContainsSubstring("Content-Type: application/x-www-form-urlencoded\r\n"));
    CHECK(requests[0].ends_with("data=%7B%22epoch%22%3A0%2C%22loss%22%3A0.0%7D"));
    CHECK(requests[1].starts_with("POST /here HTTP/1.1\r\n"));
    CHECK(requests[1].ends_with("{\"epoch\":0,\"loss\":0.0}"));
    CHECK_NOTHROW(fit({.root = root}));  // nobody there: a warning
    CHECK_THROWS_WITH(RemoteMonitor({.root = "https://x"}),
                      "RemoteMonitor: expected a root http://HOST[:PORT], got \"https://x\"");
}

TEST_CASE("loggers write what was measured, NA where nothing was", "[train][callbacks]") {
    const std::string folder = fs::temp_directory_path(), csv = folder + "/log.csv", jsonl = folder + "/log.jsonl";
    struct Sometimes : Callback {
        void on_train_begin(Fit& fit) override { fit.names.push_back("extra"); }
        void on_epoch_end(Fit& fit) override {
            if (fit.epoch == 1) fit.logs.set("extra", 0.5);
        }
    };
    Model model{Sequential{Dense(1, {.kernel_initializer = Zeros()})}};
    model.compile({.loss = "mse"});
    const auto fit = [&](bool append) {
        model.fit(
            ones({1, 1}), zeros({1, 1}),
            {.epochs = 2,
             .callbacks = {Sometimes(), CSVLogger(csv, {.append = append}), JSONLogger(jsonl, {.append = append})},
             .verbose = 0});
    };
    fit(false);
    CHECK(read_file(csv) == "epoch,loss,extra\n0,0,NA\n1,0,0.5\n");
    CHECK(read_file(jsonl) == "{\"epoch\":0,\"loss\":0.0}\n{\"epoch\":1,\"loss\":0.0,\"extra\":0.5}\n");
    fit(true);
    CHECK(read_file(csv) == "epoch,loss,extra\n0,0,NA\n1,0,0.5\n0,0,NA\n1,0,0.5\n");
    fit(false);
    CHECK(read_file(csv) == "epoch,loss,extra\n0,0,NA\n1,0,0.5\n");
    fs::remove(csv), fs::remove(jsonl);
    CHECK_THROWS_WITH(model.fit(ones({1, 1}), zeros({1, 1}), {.callbacks = {CSVLogger("/proc/no.csv")}}),
                      "/proc/no.csv: CSVLogger: expected a file to write to, got an error");
}

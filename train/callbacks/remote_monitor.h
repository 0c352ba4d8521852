#pragma once
#include "../callback.h"

namespace xg {

struct RemoteMonitorOptions {
    std::string root = "http://localhost:9000";
    std::string path = "/publish/epoch/end/";
    std::string field = "data";
    bool send_as_json = false;  // the body is the JSON itself; else a form with the JSON in `field`
    double timeout = 5;         // seconds
};
/// Posts each epoch's numbers to a web server. One that does not answer is a warning, once.
class RemoteMonitor : public Callback {
public:
    explicit RemoteMonitor(RemoteMonitorOptions options = {});
    void on_epoch_end(Fit& fit) override;

private:
    RemoteMonitorOptions options_;
    std::string host_, port_;
    bool warned_ = false;
};

}  // namespace xg

#include "json_logger.h"
#include "../../tensor/json.h"

namespace xg {

void JSONLogger::on_epoch_end(Fit& fit) {
    Json line{{"epoch", fit.epoch}};
    for (auto& [name, value] : fit.logs) line[name] = value;
    file_.write(line.dump() + "\n");
}

}  // namespace xg

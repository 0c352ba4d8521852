#include "json_logger.h"
#include <nlohmann/json.hpp>

namespace xg {

void JSONLogger::on_epoch_end(Fit& fit) {
    nlohmann::ordered_json line{{"epoch", fit.epoch}};
    for (auto& [name, value] : fit.logs) line[name] = value;
    file_.write(line.dump() + "\n");
}

}  // namespace xg

#pragma once
#include <string>
#include "callbacks/history.h"

namespace xg {

class Model;

struct ReportOptions {
    std::string title = "Training run";
    double seconds = 0;                      // how long it took, if known
    std::vector<std::string> pictures = {};  // more SVG, as confusion_svg() gives it
    std::string notes = {};
};
/// One page that needs nothing else: the curves, their best and last values, the layers, the optimizer and the losses,
/// the machine. Throws FileError.
void save_report(const std::string& path, const History& history, const Model& model, ReportOptions options = {});

}  // namespace xg

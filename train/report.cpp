#include "report.h"
#include <sys/utsname.h>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include "../io/bytes.h"
#include "../tensor/parallel.h"
#include "markup.h"
#include "model.h"

namespace xg {

namespace {
std::string row(std::initializer_list<std::string> cells) {
    std::string out = "<tr>";
    for (const auto& cell : cells) out += "<td>" + detail::escaped(cell) + "</td>";
    return out + "</tr>\n";
}
std::string machine() {
    utsname system{};
    ::uname(&system);
    std::string processor = "unknown";
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) {
            processor = line.substr(line.find(": ") + 2);
            break;
        }
    return row({"processor", processor}) + row({"threads", std::to_string(num_threads())}) +
           row({"system", fmt::format("{} {} {}", system.sysname, system.release, system.machine)}) +
           row({"compiler", __VERSION__});
}
}  // namespace

void save_report(const std::string& path, const History& history, const Model& model, ReportOptions options) {
    char date[64] = {};
    const std::time_t now = std::time(nullptr);
    std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S %z", std::localtime(&now));
    std::string numbers;
    for (auto& [name, curve] : history) {
        if (curve.empty()) continue;
        const auto finite = [](double a, double b) { return std::isnan(b) || a < b; };
        const auto least = std::ranges::min_element(curve, finite),
                   most = std::ranges::max_element(curve, [](double a, double b) { return std::isnan(a) || a < b; });
        numbers += row({name, fmt::format("{:.5g}", curve.back()),
                        fmt::format("{:.5g} (epoch {})", *least, least - curve.begin() + 1),
                        fmt::format("{:.5g} (epoch {})", *most, most - curve.begin() + 1)});
    }
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n<style>\n"
        "body {{ font-family: sans-serif; color: #333; max-width: 980px; margin: 2em auto; }}\n"
        "table {{ border-collapse: collapse; }} td, th {{ padding: 3px 14px 3px 0; text-align: left; border-bottom: "
        "1px "
        "solid #ddd; }}\npre {{ background: #f6f6f6; padding: 1em; overflow-x: auto; }} svg {{ max-width: 100%; "
        "height: "
        "auto; }}\n</style></head><body>\n<h1>{0}</h1>\n<p>{1}</p>\n",
        detail::escaped(options.title), detail::escaped(date));
    if (!options.notes.empty()) html += "<p>" + detail::escaped(options.notes) + "</p>\n";
    html += "<h2>Curves</h2>\n" + history.svg();
    html += "<h2>Numbers</h2>\n<table><tr><th></th><th>last</th><th>least</th><th>most</th></tr>\n" + numbers +
            "</table>\n";
    for (const auto& picture : options.pictures) html += picture;
    html += "<h2>Model</h2>\n<pre>" + detail::escaped(model.summary_text()) + "</pre>\n<h2>Training</h2>\n<table>\n";
    html += row({"epochs", std::to_string(history.epochs())});
    if (options.seconds > 0) html += row({"time", fmt::format("{:.1f} s", options.seconds)});
    html += "</table>\n<h2>Machine</h2>\n<table>\n" + machine() + "</table>\n</body></html>\n";
    write_file(path, html);
}

}  // namespace xg

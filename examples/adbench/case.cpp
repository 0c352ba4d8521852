#include "case.h"
#include <cctype>
#include <cmath>
#include <fstream>
#include <sstream>
using namespace xg;

namespace adbench {

namespace {
void flatten(const Json& values, std::vector<double>& out) {
    if (values.is_array())
        for (const auto& v : values) flatten(v, out);
    else out.push_back(values.number());
}
}  // namespace

void Report::note(const std::string& what, double error, double tolerance) {
    if (!(error <= largest_)) largest_ = error;
    if (!(error <= tolerance) && first_failure_.empty()) first_failure_ = what;
}
void Report::compare(const std::string& what, double got, const Json& wanted, double tolerance) {
    const double right = wanted.number();
    note(what, std::fabs(got - right) / std::max(std::fabs(right), 1e-300), tolerance);
}
void Report::compare(const std::string& what, const Tensor& got, const Json& values, double largest) {
    std::vector<double> wanted;
    flatten(values, wanted);
    const Tensor flat = reshape(got.detach(), {-1});
    const auto numbers = flat.data<double>();
    if (numbers.size() != wanted.size()) return note(what + ": size", INFINITY, 0);
    double off = 0, own = 1e-300;
    for (double w : wanted) own = std::max(own, std::fabs(w));
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (const double d = std::fabs(numbers[i] - wanted[i]); !(d <= off)) off = d;
    note(what, off / std::max(own, largest), 1e-10);
}
void Report::check_sums(const std::string& what, const Tensor& got, const Json& checks) {
    const Tensor flat = reshape(got.detach(), {-1});
    long double total = 0, squares = 0, ordered = 0;
    double largest = 0;
    for (std::int64_t i = 0; double v : flat.data<double>()) {
        total += v, squares += (long double)(v)*v, ordered += v * (long double)(i % 1009 + 1) / 1009;
        largest = std::max(largest, std::fabs(v));
        ++i;
    }
    if (checks.at("count") != flat.numel()) return note(what + ": count", INFINITY, 0);
    const double norm = checks.at("norm").number(), scale = std::max(norm * std::sqrt(double(flat.numel())), 1e-300);
    note(what + ": sum", std::fabs(double(total) - checks.at("sum").number()) / scale, 1e-10);
    note(what + ": checksum", std::fabs(double(ordered) - checks.at("checksum").number()) / scale, 1e-10);
    compare(what + ": norm", std::sqrt(double(squares)), norm, 1e-10);
    compare(what + ": abs_max", largest, checks.at("abs_max"), 1e-10);
    std::vector<double> end;
    if (checks.contains("first")) {
        flatten(checks["first"], end);
        compare(what + ": first", slice(flat, 0, std::int64_t(end.size())), checks["first"], largest);
        compare(what + ": last", slice(flat, flat.numel() - std::int64_t(end.size()), flat.numel()), checks["last"],
                largest);
    }
}
std::string Report::line() const {
    Json out{{"case", expected_.at("case")},
             {"passed", first_failure_.empty()},
             {"largest_error", largest_},
             {"objective_seconds", objective_seconds},
             {"gradient_seconds", gradient_seconds}};
    if (!first_failure_.empty()) out["first_failure"] = first_failure_;
    return out.dump();
}

Numbers::Numbers(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw FileError("adbench: expected a readable file, got none", path);
    std::ostringstream all;
    all << file.rdbuf();
    text_ = all.str();
    for (char& c : text_)
        if (c == ':') c = ' ';
    at_ = text_.c_str();
}
double Numbers::real() {
    char* end;
    const double value = std::strtod(at_, &end);
    if (end == at_) throw std::invalid_argument("adbench: expected another number, got the end or a word");
    at_ = end;
    return value;
}
bool Numbers::more() {
    while (std::isspace(static_cast<unsigned char>(*at_))) ++at_;
    return *at_;
}
void Numbers::skip_word() {
    more();
    while (*at_ && !std::isspace(static_cast<unsigned char>(*at_))) ++at_;
}
std::int64_t Numbers::integer() { return std::int64_t(real()); }
Tensor Numbers::tensor(const Shape& shape) {
    Tensor t = zeros(shape, f64);
    for (double& v : t.mutable_data<double>()) v = real();
    return t;
}
Tensor Numbers::integers(const Shape& shape) { return tensor(shape).to(i64); }

}  // namespace adbench

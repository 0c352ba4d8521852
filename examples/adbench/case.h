#pragma once
#include <xgrad.h>
#include <chrono>
#include "../../tensor/json.h"

namespace adbench {
using xg::Json;

/// What came out, beside what was expected.
class Report {
public:
    explicit Report(Json expected) : expected_(std::move(expected)) {}
    const Json& expected() const { return expected_; }

    /// Every entry within 1e-10 of the largest expected one, or of `largest`.
    void compare(const std::string& what, const xg::Tensor& got, const Json& values, double largest = 0);
    void compare(const std::string& what, double got, const Json& wanted, double tolerance);
    /// Count, sums and norm of all entries; first and last ones where they are listed.
    void check_sums(const std::string& what, const xg::Tensor& got, const Json& checks);

    double objective_seconds = 0, gradient_seconds = 0;
    /// One line of JSON.
    std::string line() const;

private:
    void note(const std::string& what, double error, double tolerance);

    Json expected_;
    double largest_ = 0;
    std::string first_failure_;
};

/// Least seconds of one call.
template <class F> double seconds(const F& f) {
    double best = 1e300, total = 0;
    for (int i = 0; i < 3 || (total < 1 && i < 1000); ++i) {
        const auto began = std::chrono::steady_clock::now();
        f();
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        best = std::min(best, took);
        total += took;
    }
    return best;
}

/// The numbers of a file, in order, separated by blanks or colons.
class Numbers {
public:
    explicit Numbers(const std::string& path);
    std::int64_t integer();
    double real();
    void skip_word();
    /// Whether anything is left.
    bool more();
    xg::Tensor tensor(const xg::Shape& shape);
    xg::Tensor integers(const xg::Shape& shape);

private:
    std::string text_;
    const char* at_;
};

void gmm(const std::string& data, Report& report);
void lstm(const std::string& data, Report& report);
void ba(const std::string& data, Report& report);
void hand(const std::string& data, const std::string& model, Report& report);

}  // namespace adbench

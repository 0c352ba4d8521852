#pragma once
// `CHECK_THAT(gradcheck(f, x), GradientsAgree())` for Catch2, version 2 or 3; the library itself needs no test
// framework.
#if __has_include(<catch2/matchers/catch_matchers_templated.hpp>)
#include <catch2/matchers/catch_matchers.hpp>
#else
#include <catch2/catch.hpp>
#endif
#include "nn/gradcheck.h"

namespace xg {

#if __has_include(<catch2/matchers/catch_matchers_templated.hpp>)
using GradcheckMatcher = Catch::Matchers::MatcherBase<GradcheckReport>;
#else
using GradcheckMatcher = Catch::MatcherBase<GradcheckReport>;
#endif

/// Matches a report without a wrong gradient; a failure prints the whole report.
class GradientsAgree : public GradcheckMatcher {
public:
    bool match(const GradcheckReport& report) const override { return report.ok; }
    std::string describe() const override { return "should have gradients that agree"; }
};

}  // namespace xg

template <> struct Catch::StringMaker<xg::GradcheckReport> {
    static std::string convert(const xg::GradcheckReport& report) { return xg::to_string(report); }
};

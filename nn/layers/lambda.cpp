#include "lambda.h"
#include "../config.h"

namespace xg {

template <class F> void fields(LambdaOptions& o, F&& field) { field("function", o.function); }

void Lambda::describe(Config& config) const {
    require<std::invalid_argument>(!several_,
                                   "describe: expected a function of one tensor, got a Lambda of several; a "
                                   "layer class of its own can be saved");
    write(config, options_);
}
Lambda Lambda::from_config(const Config& config) { return Lambda(read<LambdaOptions>("Lambda", config).function); }

}  // namespace xg

// Every layer by its name: one line a layer.
#include "config.h"
#include "layers.h"

namespace xg {

namespace {
using Makers = std::map<std::string, ModuleMaker>;
const Makers& of_the_library() {
    static const Makers makers{
        {"Activation", made<Activation>},
        {"Bidirectional", made<Bidirectional>},
        {"ConvLSTM2D", made<ConvLSTM2D>},
        {"Dense", made<Dense>},
        {"Dropout", made<Dropout>},
        {"ELU", made<ELU>},
        {"Embedding", made<Embedding>},
        {"Flatten", made<Flatten>},
        {"GRU", made<GRU>},
        {"GRUCell", made<GRUCell>},
        {"Identity", made<Identity>},
        {"Input", made<Input>},
        {"LSTM", made<LSTM>},
        {"LSTMCell", made<LSTMCell>},
        {"LeakyReLU", made<LeakyReLU>},
        {"Masking", made<Masking>},
        {"RNN", made<RNN>},
        {"ReLU", made<ReLU>},
        {"RepeatVector", made<RepeatVector>},
        {"Reshape", made<Reshape>},
        {"Sequential", made<Sequential>},
        {"SimpleRNN", made<SimpleRNN>},
        {"SimpleRNNCell", made<SimpleRNNCell>},
        {"Softmax", made<Softmax>},
        {"StackedRNNCells", made<StackedRNNCells>},
        {"TimeDistributed", made<TimeDistributed>},
    };
    return makers;
}
/// The library's, then those of users.
Makers& modules() {
    static Makers makers = of_the_library();
    return makers;
}
}  // namespace

void register_module(const std::string& name, ModuleMaker maker) { modules()[name] = maker; }
std::vector<std::string> library_modules() {
    std::vector<std::string> names;
    for (auto& [name, maker] : of_the_library()) names.push_back(name);
    return names;
}
std::shared_ptr<Module> make_module(const std::string& name, const Config& config) {
    const auto found = modules().find(name);
    require<std::invalid_argument>(found != modules().end(), "make_module: expected a registered layer, got \"{}\"",
                                   name);
    return found->second(config);
}

}  // namespace xg

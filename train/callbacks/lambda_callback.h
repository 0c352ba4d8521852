#pragma once
#include <functional>
#include "../callback.h"

namespace xg {

struct LambdaCallbackOptions {
    std::function<void(Fit&)> on_train_begin = {}, on_train_end = {}, on_epoch_begin = {}, on_epoch_end = {},
                              on_batch_begin = {}, on_batch_end = {};
};
/// Functions at the hooks of choice: LambdaCallback({.on_epoch_end = [](Fit& fit) { ... }}).
class LambdaCallback : public Callback {
public:
    explicit LambdaCallback(LambdaCallbackOptions hooks) : hooks_(std::move(hooks)) {}
    void on_train_begin(Fit& fit) override { call(hooks_.on_train_begin, fit); }
    void on_train_end(Fit& fit) override { call(hooks_.on_train_end, fit); }
    void on_epoch_begin(Fit& fit) override { call(hooks_.on_epoch_begin, fit); }
    void on_epoch_end(Fit& fit) override { call(hooks_.on_epoch_end, fit); }
    void on_batch_begin(Fit& fit) override { call(hooks_.on_batch_begin, fit); }
    void on_batch_end(Fit& fit) override { call(hooks_.on_batch_end, fit); }

private:
    static void call(const std::function<void(Fit&)>& hook, Fit& fit) {
        if (hook) hook(fit);
    }
    LambdaCallbackOptions hooks_;
};

}  // namespace xg

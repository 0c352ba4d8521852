#include <algorithm>
#include <limits>
#include "../autograd/logits.h"
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "model.h"

namespace xg {

Logs Model::evaluate(const Tensors& xs, Targets y, EvaluateOptions options) {
    compiled("evaluate");
    require<std::invalid_argument>(options.batch_size > 0, "evaluate: expected batch_size > 0, got {}",
                                   options.batch_size);
    const FitData data{xs, std::move(y), options.sample_weight};
    check_data("evaluate", data);
    return measured_on(data, options.batch_size);
}
Logs Model::test_on_batch(const Tensors& xs, Targets y, const Tensor& sample_weight) {
    compiled("test_on_batch");
    const FitData batch{xs, std::move(y), sample_weight};
    detail::check_lengths("test_on_batch", batch);
    return measured_on(batch, batch.size());
}
Logs Model::evaluate(const Stream& batches, EvaluateOptions options) {
    compiled("evaluate");
    if (options.sample_weight.defined())
        fail<std::invalid_argument>("evaluate: expected no sample_weight beside a Stream, got {}",
                                    options.sample_weight.shape());
    const auto give = batches_of("evaluate", "steps", batches, options.steps);
    return measured_on([&](const TakeBatch& take) { give(0, 0, take); });
}
Logs Model::measured_on(const std::function<void(const TakeBatch&)>& give) {
    NoGrad unrecorded;
    Training inference(false);
    for (auto& m : options_.metrics) m->reset();
    RunningMeans losses;
    give([&](const FitData& batch) {
        const KeepLogits keep;
        const Tensors y_preds = module_->outputs(batch.xs);
        measure(batch, y_preds);
        std::vector<double> each;
        loss_of(batch, y_preds, each);
        losses.add(each, batch.size());
        return true;
    });
    return results(losses);
}
Logs Model::measured_on(const FitData& data, std::int64_t batch_size) {
    return measured_on([&](const TakeBatch& take) {
        for (std::int64_t first = 0, n = data.size(); first < n; first += batch_size)
            take(detail::rows(data, first, std::min(n, first + batch_size)));
    });
}

Tensor Model::predict(const Tensors& xs, PredictOptions options) {
    const Tensors ys = predict_all(xs, options);
    require<std::logic_error>(ys.size() == 1, "predict: expected one output, got {}, which predict_all() gives",
                              ys.size());
    return ys[0];
}
Tensors Model::predict_all(const Tensors& xs, PredictOptions options) {
    require<std::invalid_argument>(!xs.empty() && xs[0].defined() && xs[0].rank() > 0 && xs[0].shape()[0] > 0,
                                   "predict: expected at least one row, got none");
    for (std::size_t i = 1; i < xs.size(); ++i)
        require(xs[i].defined() && xs[i].rank() > 0 && xs[i].shape()[0] == xs[0].shape()[0],
                "predict: expected x[0] and x[{}] of equal length, got {} and {}", i, xs[0].shape(),
                xs[i].defined() ? fmt::format("{}", xs[i].shape()) : "none");
    require<std::invalid_argument>(options.batch_size > 0, "predict: expected batch_size > 0, got {}",
                                   options.batch_size);
    NoGrad unrecorded;
    Training inference(false);
    std::vector<Tensors> parts;  // of each output
    const auto n = xs[0].shape()[0], size = std::min(n, options.batch_size);
    for (std::int64_t first = 0; first < n; first += size) {
        const Tensors ys = module_->outputs(detail::rows(xs, first, std::min(n, first + size)));
        parts.resize(ys.size());
        for (std::size_t i = 0; i < ys.size(); ++i) parts[i].push_back(ys[i]);
    }
    Tensors out;
    for (const Tensors& part : parts) out.push_back(part.size() == 1 ? part[0] : concatenate(part));
    return out;
}

Tensor Model::predict_on_batch(const Tensors& xs) {
    return predict(xs, {.batch_size = std::numeric_limits<std::int64_t>::max()});
}

}  // namespace xg

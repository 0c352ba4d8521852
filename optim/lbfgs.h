#pragma once
#include <deque>
#include "optimizer.h"

namespace xg {

struct LBFGSOptions {
    LearningRate learning_rate = 1.0;  // how far along the direction the first trial goes
    int max_iter = 20;                 // directions a call of minimize
    int max_eval = 0;                  // evaluations of the cost; 0: 5/4 of max_iter
    double tolerance_grad = 1e-7;      // done when no element of the gradient is larger
    double tolerance_change = 1e-9;    // done when neither the weights nor the cost change more
    int history_size = 100;
    std::string line_search = defaults::either("strong_wolfe", "");  // "": steps of learning_rate
};
/// Quasi-Newton steps with limited memory (Nocedal & Wright 2006, algorithms 7.4, 3.5 and 3.6), for whole batches:
///     lbfgs.minimize([&] { return cost(net(x), y); }, net.parameters());
/// Throws for a cost that is not a function, and for parameters with constraints. Its memory is not part of state().
class LBFGS : public Optimizer {
public:
    explicit LBFGS(LBFGSOptions options = {});
    using Optimizer::minimize;
    Tensor minimize(const std::function<Tensor()>& cost, const std::vector<Tensor>& parameters) override;
    void describe(Config& config) const override;
    static LBFGS from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    struct Curvature {
        Tensor s, y;  // how far the weights moved, and the gradient
        double rho;
    };
    /// The cost and its gradient somewhere along a direction.
    struct Point {
        double t, cost;
        Tensor gradient;
        double slope;
    };
    class Search;
    void remember(const Tensor& gradient);
    Tensor downhill(const Tensor& gradient) const;

    LBFGSOptions options_;
    std::deque<Curvature> history_;
    Tensor values_;  // that the memory is about
    Tensor direction_, gradient_;
    double step_ = 0, scale_ = 1;
};

}  // namespace xg
